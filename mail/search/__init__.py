"""Finding messages by their words, and the conversations they belong to."""
