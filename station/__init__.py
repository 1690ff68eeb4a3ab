"""The house: light (capture), rule (custody), proof (ledger), and who starts them."""
