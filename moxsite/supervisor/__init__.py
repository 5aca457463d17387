"""serve: opens the sockets, gives up root for its children, and keeps them running."""
