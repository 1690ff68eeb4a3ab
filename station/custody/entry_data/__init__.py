"""The vocabulary of the ledger: what an entry's ``data`` may hold, by type."""
