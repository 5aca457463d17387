"""Logging in to pages with a code besides the password. Mail programs go on with passwords alone."""
