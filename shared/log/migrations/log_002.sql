-- Every record is written into every index: one less, and two without the records they say nothing about.

ALTER TABLE {schema}.events DROP CONSTRAINT events_source_id_key, ADD UNIQUE (id, source);
DROP INDEX {schema}.events_id_idx, {schema}.events_subject_type_idx, {schema}.events_process_type_idx;
CREATE INDEX ON {schema}.events (subject, type) WHERE subject IS NOT NULL;
CREATE INDEX ON {schema}.events (process, type) WHERE process IS NOT NULL;

-- A stream is appended to by its version alone.
DROP TABLE {schema}.snapshots;
