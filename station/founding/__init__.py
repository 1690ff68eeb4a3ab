"""A station's beginning: made new, or taken over from a backup."""
