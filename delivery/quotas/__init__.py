"""Telling owners that their mailboxes are nearly full."""
