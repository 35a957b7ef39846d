"""Care for a disabled person who needs it: boarding, by day or at home, from application to end (XN-6)."""
