"""Disability certificates from application to migration (EXT-CERT), and their check for the subsidies (EXT-2SUB)."""
