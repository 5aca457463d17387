"""Who changed what in the configuration, and when. All ways pass here: page, command, file."""
