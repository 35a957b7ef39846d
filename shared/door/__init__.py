"""A department's way in, and its HTTP door."""
