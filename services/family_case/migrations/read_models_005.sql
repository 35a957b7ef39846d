-- How far entries go, and what was filed since, is asked again and again; so is who belongs to some families.

CREATE INDEX ON {schema}.entries (filed);
CREATE INDEX ON {schema}.spans (family);
