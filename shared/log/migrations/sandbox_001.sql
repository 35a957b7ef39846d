-- The throw-away log of a department's sandbox ({schema}): the same tables, but it may be emptied, and it is.

DROP TRIGGER append_only ON {schema}.events;
DROP TRIGGER append_only ON {schema}.checkpoints;
DROP TRIGGER append_only ON {schema}.lookups;

-- The policy parameters are those that the department itself keeps.
DO $$
BEGIN
    EXECUTE format('CREATE VIEW {schema}.parameters AS SELECT * FROM %I.parameters',
                   regexp_replace('{schema}', '_sandbox$', ''));
END $$;
GRANT SELECT ON {schema}.parameters TO {role};

CREATE TABLE {schema}.life (
    only_row boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    since    timestamptz NOT NULL
);

-- Returns since when the log is filled; one that is older than `longest` is emptied first, with its keys.
CREATE FUNCTION {schema}.filled_since(longest interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    began timestamptz;
BEGIN
    SELECT since INTO began FROM {schema}.life;
    IF began > clock_timestamp() - longest THEN
        RETURN began;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('yihu log {schema}', 0));
    SELECT since INTO began FROM {schema}.life;
    IF began > clock_timestamp() - longest THEN
        RETURN began;
    END IF;
    TRUNCATE {schema}.events, {schema}.checkpoints, {schema}.lookups, {schema}.keys, {schema}.refused;
    INSERT INTO {schema}.life AS there VALUES (true, clock_timestamp())
        ON CONFLICT (only_row) DO UPDATE SET since = excluded.since RETURNING there.since INTO began;
    RETURN began;
END $$;

REVOKE ALL ON FUNCTION {schema}.filled_since FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {schema}.filled_since TO {role};
