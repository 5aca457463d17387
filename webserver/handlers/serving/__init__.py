"""What the handlers have in common when they answer."""
