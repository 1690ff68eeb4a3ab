"""Backups of a station: made, checked, kept for a while, names restored."""
