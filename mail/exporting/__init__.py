"""Giving an account's mail back as files."""
