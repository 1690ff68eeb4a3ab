"""PROOF: the append-only log, its tree, its signed heads, its export."""
