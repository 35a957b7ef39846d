"""Plans, inspections and what they find, publicity and the privacy of who appears in it (XN-S1, XN-S3, EXT-PIPL)."""
