"""Assistive devices: assessed, decided, fitted, or rented from a station, kept in repair, given back (XN-2, XN-7)."""
