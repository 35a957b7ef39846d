"""Diagnosis, rehabilitation aid, training, self-paid cost and cochlear implants of disabled children (XN-2, XN-7)."""
