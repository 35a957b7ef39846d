"""Making the home of a family barrier-free, from application to inspection (XN-3)."""
