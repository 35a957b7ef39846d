-- A party is found whatever the type of its records: who asks about a person asks once, not once for each type there is.
-- `subject` is the party's hash, of the records that stand in the stream of a process; the others stand in its own. What
-- is of a process stands in that one's stream. Every row is written anew, its position, leaf and bytes as they are.

-- Bytes that are no record any more have no type; verification finds them.
CREATE FUNCTION {schema}.type_of(body bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN convert_from(body, 'UTF8')::json ->> 'type';
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;

CREATE TABLE {schema}.rows (
    position bigint  NOT NULL CHECK (position > 0),
    stream   bigint  NOT NULL,
    subject  bigint,
    target   bigint,
    name     uuid    NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    body     bytea   NOT NULL,
    leaf     bytea   NOT NULL CHECK (length(leaf) = 32)
);
INSERT INTO {schema}.rows
    SELECT position, stream,
           CASE WHEN subject IS NOT NULL AND process IS NOT NULL
                THEN subject # {schema}.hashed({schema}.type_of(body), 1) END,
           target, name, version, body, leaf
    FROM {schema}.events ORDER BY position;

DO $$
DECLARE
    asked boolean := to_regclass('{schema}.events_subject_type_idx') IS NOT NULL;
BEGIN
    DROP VIEW {schema}.records;
    DROP TABLE {schema}.events;
    ALTER TABLE {schema}.rows RENAME TO events;
    ALTER TABLE {schema}.events ADD CONSTRAINT events_pkey PRIMARY KEY (position),
        ADD CONSTRAINT events_name_key UNIQUE (name),
        ADD CONSTRAINT events_stream_version_key UNIQUE (stream, version);
    IF asked THEN  -- the names are those that case_002 knows
        CREATE INDEX events_subject_type_idx ON {schema}.events (subject) WHERE subject IS NOT NULL;
        CREATE INDEX events_target_idx ON {schema}.events (target) WHERE target IS NOT NULL;
    END IF;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
DROP FUNCTION {schema}.type_of, {schema}.about;

DROP FUNCTION {schema}.append;
CREATE FUNCTION {schema}.append(
    streams bigint[], versions integer[], names uuid[], subjects bigint[], targets bigint[],
    leaves bytea[], bodies bytea[], looked_up integer[], keys uuid[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yihu log {schema}', 0));
    SELECT coalesce(max(position), 0) INTO last FROM {schema}.events;
    INSERT INTO {schema}.events (position, stream, version, name, subject, target, leaf, body)
        SELECT last + row.n, row.stream, row.version, row.name, row.subject, row.target, row.leaf, row.body
        FROM unnest(streams, versions, names, subjects, targets, leaves, bodies)
             WITH ORDINALITY AS row (stream, version, name, subject, target, leaf, body, n);
    IF cardinality(keys) > 0 THEN
        INSERT INTO {schema}.lookups SELECT last + row.n, row.key FROM unnest(looked_up, keys) AS row (n, key);
    END IF;
    RETURN last + 1;
END $$;

CREATE VIEW {schema}.records AS
    SELECT position,
           coalesce(said ->> 'stream', 'process/' || (said ->> 'process'), 'subject/' || (said ->> 'subject'),
                    'department') AS stream,
           version, said ->> 'type' AS type, said ->> 'source' AS source, said ->> 'id' AS id,
           said ->> 'subject' AS subject, said ->> 'process' AS process, target, leaf, body
    FROM (SELECT *, convert_from(body, 'UTF8')::json AS said FROM {schema}.events) AS read;

GRANT SELECT, INSERT ON {schema}.events TO {role};
GRANT SELECT ON {schema}.records TO {role};
GRANT EXECUTE ON FUNCTION {schema}.append TO {role};
