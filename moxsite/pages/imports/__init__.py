"""The pages on which people bring their mail in."""
