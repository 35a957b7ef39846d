-- A person may have keys that only open what was sealed before (retired), beside the one that seals.

ALTER TABLE {schema}.keys DROP CONSTRAINT keys_pkey, DROP CONSTRAINT keys_key_id_key, ADD PRIMARY KEY (key_id);
ALTER TABLE {schema}.keys ADD COLUMN retired boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX ON {schema}.keys (person) WHERE NOT retired;
