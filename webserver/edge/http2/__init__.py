"""HTTP/2 (RFC 9113) over TLS, behind the same exchanges as HTTP/1.1. The library h2 knows the frames."""
