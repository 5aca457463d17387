"""Taking mail in: who may send what to whom, and the message into the store before the 250."""
