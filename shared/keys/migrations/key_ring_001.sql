-- The key ring: each person's key, wrapped by the master key. The only place from which sealed fields can be read.

CREATE TABLE {schema}.keys (
    person  text PRIMARY KEY,
    key_id  text NOT NULL UNIQUE,
    wrapped bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT ON {schema}.keys TO {role};
