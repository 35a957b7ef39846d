"""Pairing with families, social organisations for disabled people, and sport (XN-4, XN-12, XN-13, XN-S2)."""
