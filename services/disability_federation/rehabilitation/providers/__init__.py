"""Who rehabilitates: designated institutions and community stations, and the services families get near home (XN-7)."""
