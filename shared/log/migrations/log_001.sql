-- The log of one service ({schema}). The service's role may add and read; nobody may change or remove.

CREATE TABLE {schema}.events (
    position bigint PRIMARY KEY CHECK (position > 0),
    stream   text   NOT NULL,
    version  integer NOT NULL CHECK (version > 0),
    type     text   NOT NULL,
    source   text   NOT NULL,
    id       text   NOT NULL,
    subject  text,
    process  text,
    target   bigint,
    leaf     bytea  NOT NULL CHECK (length(leaf) = 32),
    body     bytea  NOT NULL,
    UNIQUE (stream, version),
    UNIQUE (source, id)
);
CREATE INDEX ON {schema}.events (id);
CREATE INDEX ON {schema}.events (subject, type);
CREATE INDEX ON {schema}.events (process, type);
CREATE INDEX ON {schema}.events (target) WHERE target IS NOT NULL;

CREATE TABLE {schema}.checkpoints (
    size  bigint PRIMARY KEY CHECK (size >= 0),
    peaks bytea[] NOT NULL,
    note  text NOT NULL
);

CREATE TABLE {schema}.snapshots (
    stream  text NOT NULL,
    version integer NOT NULL,
    type    text NOT NULL,
    body    bytea NOT NULL,
    PRIMARY KEY (stream, version)
);

-- How far the relay has published. Not evidence: losing it means publishing again, which the consumer ignores.
CREATE TABLE {schema}.relayed (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO {schema}.relayed (position) VALUES (0);

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

-- Appends records and returns the position of the first. Positions are given inside the lock, so they have no gaps,
-- and a gap is evidence. In a function each statement sees what was committed before it: the maximum is read after
-- the lock was waited for.
CREATE FUNCTION {schema}.append(
    streams text[], versions integer[], types text[], sources text[], ids text[],
    subjects text[], processes text[], targets bigint[], leaves bytea[], bodies bytea[]
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
    RETURN last + 1;
END $$;

GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT ON {schema}.events, {schema}.checkpoints, {schema}.snapshots TO {role};
GRANT SELECT, UPDATE ON {schema}.relayed TO {role};
GRANT EXECUTE ON FUNCTION {schema}.append TO {role};
