"""What happens at a gate: scans, holds, shifts, conditions, closing."""
