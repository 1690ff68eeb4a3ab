"""station.toml as values; only the composition roots read it."""
