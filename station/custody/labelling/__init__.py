"""Labels in the registry: issued, printed, read back, renewed, voided."""
