-- Read models: derived from the logs, dropped and rebuilt at will.

CREATE TABLE {schema}.families (
    family   text PRIMARY KEY,
    log      text NOT NULL,
    position bigint NOT NULL,
    head     text NOT NULL,
    division text,
    UNIQUE (log, position)
);

CREATE TABLE {schema}.members (
    person   text NOT NULL,
    family   text NOT NULL,
    log      text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (person)
);
CREATE INDEX ON {schema}.members (family);

-- A family or person that turned out to be another one. Taken away again when the merge is withdrawn.
CREATE TABLE {schema}.aliases (
    alias    text NOT NULL,
    survivor text NOT NULL,
    log      text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (alias, log, position)
);
CREATE INDEX ON {schema}.aliases (survivor);

CREATE TABLE {schema}.entries (
    log           text NOT NULL,
    position      bigint NOT NULL,
    stream        text NOT NULL,
    type          text NOT NULL,
    id            text NOT NULL,
    subject       text,
    target        bigint,
    correlationid text,
    causationid   text,
    PRIMARY KEY (log, position)
);
CREATE INDEX ON {schema}.entries (stream);
CREATE INDEX ON {schema}.entries (log, target) WHERE target IS NOT NULL;

-- Events that cannot be filed yet, with the reason: the person belongs to no family, or the type is not known.
CREATE TABLE {schema}.waiting (
    log      text NOT NULL,
    position bigint NOT NULL,
    reason   text NOT NULL,
    subject  text,
    body     bytea NOT NULL,
    PRIMARY KEY (log, position)
);
CREATE INDEX ON {schema}.waiting (subject);

GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
