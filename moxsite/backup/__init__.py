"""Copies of everything that lasts, and making an installation of one. docs/backup.md is for operators."""
