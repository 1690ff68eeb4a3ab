"""From pixels to QR texts. Knows no camera."""
