"""What the benchmarks measure with: generators of load and the programs under it."""
