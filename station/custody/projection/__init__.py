"""Tables derived from entries: applied, rebuilt and audited."""
