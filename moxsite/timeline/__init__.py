"""What became of a submitted message, recipient by recipient: for its sender, and for admins."""
