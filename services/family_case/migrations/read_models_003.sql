-- What else than a person a filed event is about: a base, a process in which a base's cohort or a participant is, a
-- parameter, or the event that it amends. The program fills this and the other tables anew from the case log when it
-- starts; `waiting` keeps what it has.

TRUNCATE {schema}.entries, {schema}.statements, {schema}.named, {schema}.families, {schema}.places, {schema}.spans,
    {schema}.flagged;

CREATE TABLE {schema}.mentions (
    kind     text   NOT NULL,
    key      text   NOT NULL,
    log      text   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (kind, key, log, position)
);
CREATE INDEX ON {schema}.mentions (log, position);

GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.mentions TO {role};
