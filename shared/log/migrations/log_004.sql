-- What a record says stands in its bytes and nowhere else: it is searched by hashes, which are shorter than the texts.
-- Every row is written anew, its position, leaf and bytes as they are; `records` shows what the hashes stand for.

CREATE FUNCTION {schema}.hashed(text text, first integer) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ('x' || encode(substr(sha256(convert_to(text, 'UTF8')), first, 8), 'hex'))::bit(64)::bigint
$$;
CREATE FUNCTION {schema}.stream_of(stream text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT {schema}.hashed(stream, 1)
$$;
-- It begins with 10 bytes of the id, so that an id is found whatever its source.
CREATE FUNCTION {schema}.name_of(source text, id text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(substr(sha256(convert_to(id, 'UTF8')), 1, 10)
        || substr(sha256(convert_to(source, 'UTF8')), 1, 6), 'hex')::uuid
$$;
CREATE FUNCTION {schema}.about(type text, party text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT {schema}.hashed(type, 1) # {schema}.hashed(party, 9)
$$;

-- The columns stand in an order that leaves no room between them: eight records of usual length fit on a page.
CREATE TABLE {schema}.rows (
    position bigint  NOT NULL CHECK (position > 0),
    stream   bigint  NOT NULL,
    subject  bigint,
    process  bigint,
    target   bigint,
    name     uuid    NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    body     bytea   NOT NULL,
    leaf     bytea   NOT NULL CHECK (length(leaf) = 32)
);
INSERT INTO {schema}.rows
    SELECT position, {schema}.stream_of(stream), {schema}.about(type, 'subject/' || subject),
           {schema}.about(type, 'process/' || process), target,
           {schema}.name_of(source, id), version, body, leaf
    FROM {schema}.events ORDER BY position;

-- The family case does without the last three indexes (case_002); a log that had them keeps them.
DO $$
DECLARE
    asked boolean := to_regclass('{schema}.events_subject_type_idx') IS NOT NULL;
BEGIN
    DROP TABLE {schema}.events;
    ALTER TABLE {schema}.rows RENAME TO events;
    ALTER TABLE {schema}.events ADD CONSTRAINT events_pkey PRIMARY KEY (position),
        ADD CONSTRAINT events_name_key UNIQUE (name),
        ADD CONSTRAINT events_stream_version_key UNIQUE (stream, version);
    IF asked THEN
        CREATE INDEX events_subject_type_idx ON {schema}.events (subject) WHERE subject IS NOT NULL;
        CREATE INDEX events_process_type_idx ON {schema}.events (process) WHERE process IS NOT NULL;
        CREATE INDEX events_target_idx ON {schema}.events (target) WHERE target IS NOT NULL;
    END IF;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

DROP FUNCTION {schema}.append;
CREATE FUNCTION {schema}.append(
    streams bigint[], versions integer[], names uuid[], subjects bigint[], processes bigint[], targets bigint[],
    leaves bytea[], bodies bytea[], looked_up integer[], keys uuid[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yihu log {schema}', 0));
    SELECT coalesce(max(position), 0) INTO last FROM {schema}.events;
    INSERT INTO {schema}.events (position, stream, version, name, subject, process, target, leaf, body)
        SELECT last + row.n, row.stream, row.version, row.name, row.subject, row.process, row.target, row.leaf, row.body
        FROM unnest(streams, versions, names, subjects, processes, targets, leaves, bodies)
             WITH ORDINALITY AS row (stream, version, name, subject, process, target, leaf, body, n);
    IF cardinality(keys) > 0 THEN
        INSERT INTO {schema}.lookups SELECT last + row.n, row.key FROM unnest(looked_up, keys) AS row (n, key);
    END IF;
    RETURN last + 1;
END $$;

-- For who looks into the database by hand.
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
