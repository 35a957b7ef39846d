"""Families, guardians, consent, moves, recognition and referrals, and the platform's own imports and parameters."""
