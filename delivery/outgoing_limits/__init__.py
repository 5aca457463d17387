"""How many messages an account may send within 24 hours, and to how many recipients it never wrote to."""
