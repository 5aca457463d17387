"""What to poke when something was put into the queue or became due."""

WAKE_TOPIC = "delivery"
