"""The access log: one line on standard error for each request, written without holding up the event loop."""
