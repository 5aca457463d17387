"""What background workers listen to for new work on imports."""

WAKE_TOPIC = "imports"
