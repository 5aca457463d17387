"""Which part of the webserver answers a request, at run time."""
