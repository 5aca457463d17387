"""Measurements. `make bench` runs all of them, `make bench BENCH=store` one. Run nothing else meanwhile."""
