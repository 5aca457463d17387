"""Serving files."""
