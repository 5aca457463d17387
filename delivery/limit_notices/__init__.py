"""Telling owners that their accounts come near a limit or have reached it: once, in the Inbox."""
