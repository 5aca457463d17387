"""What hosts of a domain serve so that mail programs and other servers find their way."""
