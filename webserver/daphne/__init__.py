"""daphne that hands the connection of a forwarded websocket to the consumer of upgrades."""
