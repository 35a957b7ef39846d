-- How far logs were received, once nobody else is filing: one statement begins a filing. In a function each statement
-- sees what was committed before it: the inbox is read after the lock was waited for.

CREATE FUNCTION {schema}.begin_filing(logs text[]) RETURNS TABLE (log text, reached bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('filing {schema}', 0));
    RETURN QUERY SELECT name, (SELECT max(position) FROM {schema}.inbox AS own WHERE own.log = name)
        FROM unnest(logs) AS name;
END $$;

GRANT EXECUTE ON FUNCTION {schema}.begin_filing TO {role};
