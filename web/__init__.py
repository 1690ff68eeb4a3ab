"""The window: the pages of a station, and what they ask of it."""
