-- What senders had refused: how often, by day, system, type and reason. No evidence, and nothing of an event: its type if
-- there is such a type, codes of faults and where they are. It follows from no log, so no replay makes it anew.

CREATE TABLE {schema}.refused (
    day     date        NOT NULL,
    source  text        NOT NULL,
    type    text        NOT NULL,
    code    text        NOT NULL,
    pointer text        NOT NULL,
    number  bigint      NOT NULL,
    first   timestamptz NOT NULL,
    last    timestamptz NOT NULL,
    PRIMARY KEY (day, source, type, code, pointer)
);

-- Counts what a batch had refused; forgets what is older than so many days. A day has so many rows at most: what has no
-- row then is counted in one of its source. It need not be on disk when the door answers.
CREATE FUNCTION {schema}.refuse(
    came_from text[], types text[], codes text[], pointers text[], numbers bigint[], kept integer, most integer
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    room  bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    DELETE FROM {schema}.refused AS old WHERE old.day <= today - kept;
    SELECT most - count(*) INTO room FROM {schema}.refused AS there WHERE there.day = today;
    INSERT INTO {schema}.refused AS there
        SELECT today, one.source, CASE WHEN fits THEN one.type ELSE 'unknown' END,
               CASE WHEN fits THEN one.code ELSE 'others' END, CASE WHEN fits THEN one.pointer ELSE '' END,
               sum(one.number), now(), now()
        FROM (
            SELECT came.*, there.day IS NOT NULL
                   OR row_number() OVER (PARTITION BY there.day ORDER BY came.number DESC) <= room AS fits
            FROM unnest(came_from, types, codes, pointers, numbers) AS came (source, type, code, pointer, number)
            LEFT JOIN {schema}.refused AS there
                ON there.day = today AND there.source = came.source AND there.type = came.type
                AND there.code = came.code AND there.pointer = came.pointer
        ) AS one
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5  -- two batches wait for each other, and never in a ring
    ON CONFLICT (day, source, type, code, pointer)
        DO UPDATE SET number = there.number + excluded.number, last = excluded.last;
END $$;

REVOKE ALL ON FUNCTION {schema}.refuse FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {schema}.refuse TO {role};
GRANT SELECT ON {schema}.refused TO {role};
