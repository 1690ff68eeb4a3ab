"""What is on paper: codes, symbols, labels. Knows no camera, database or web."""
