"""The demo's drawn cameras: boxes with real labels on a roller line."""
