"""“Who would answer this URL, and why?”, for the command line and the admin."""
