"""What is read from the ledger: items, consignments, progress, corrections."""
