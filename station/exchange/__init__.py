"""What stations tell one another, on paper and otherwise."""
