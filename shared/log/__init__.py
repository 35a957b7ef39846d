"""The log of one service: records, positions, evidence."""
