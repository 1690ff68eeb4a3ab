"""RULE: what is registered, what a scan is, who may do what. Knows no camera."""
