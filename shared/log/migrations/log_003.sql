-- By what else the department's rules ask for records than process and person: a family's member, an organisation, a
-- base. A key is a hash of the record's type and the text that is asked for.

CREATE TABLE {schema}.lookups (
    position bigint NOT NULL,
    key      uuid   NOT NULL,
    PRIMARY KEY (position, key)
);
CREATE INDEX ON {schema}.lookups (key);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.lookups
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

DROP FUNCTION {schema}.append;
CREATE FUNCTION {schema}.append(
    streams text[], versions integer[], types text[], sources text[], ids text[],
    subjects text[], processes text[], targets bigint[], leaves bytea[], bodies bytea[],
    looked_up integer[], keys uuid[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('yihu log {schema}', 0));
    SELECT coalesce(max(position), 0) INTO last FROM {schema}.events;
    INSERT INTO {schema}.events (position, stream, version, type, source, id, subject, process, target, leaf, body)
        SELECT last + row.n, row.stream, row.version, row.type, row.source, row.id, row.subject, row.process,
               row.target, row.leaf, row.body
        FROM unnest(streams, versions, types, sources, ids, subjects, processes, targets, leaves, bodies)
             WITH ORDINALITY AS row (stream, version, type, source, id, subject, process, target, leaf, body, n);
    IF cardinality(keys) > 0 THEN
        INSERT INTO {schema}.lookups SELECT last + row.n, row.key FROM unnest(looked_up, keys) AS row (n, key);
    END IF;
    RETURN last + 1;
END $$;

GRANT SELECT, INSERT ON {schema}.lookups TO {role};
GRANT EXECUTE ON FUNCTION {schema}.append TO {role};

-- Of which fields the keys were made, by type; when others are declared, all are made anew.
CREATE TABLE {schema}.looked_up (
    type   text PRIMARY KEY,
    fields text NOT NULL
);
