"""The election's plan as entries: dry run, recording, and its history."""
