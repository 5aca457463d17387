"""The page of redirects and web handlers, in the order in which they are evaluated."""
