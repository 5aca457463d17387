"""Log lines on standard error, as logfmt or JSON, and their levels."""
