"""What the import command does."""
