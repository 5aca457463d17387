"""Forwarding of websockets: both handshakes are checked, after that bytes are copied and not looked at."""
