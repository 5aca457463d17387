"""Comparing what a domain has in DNS with what it needs (moxsite.setup.needs), and telling the difference."""
