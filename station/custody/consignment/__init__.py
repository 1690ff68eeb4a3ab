"""Consignments (surat jalan): planned, opened, on their way, put right."""
