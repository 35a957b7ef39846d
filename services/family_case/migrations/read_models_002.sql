-- Every event is filed at once, about somebody; where that somebody stands is a question of membership, asked when a
-- history is read. Merging two families, or taking a member out, then moves no event. The program fills these tables
-- from the case log when it starts; `waiting` keeps what it has.

DROP TABLE {schema}.families, {schema}.members, {schema}.aliases, {schema}.entries;

-- What is filed: where (`filed` is the position in the case log) and about whom: a person (token), an opening
-- (`log/position`), or `organisation`. Names are kept of what another event may refer to: events about nobody.
CREATE TABLE {schema}.entries (
    log           text   NOT NULL,
    position      bigint NOT NULL,
    filed         bigint NOT NULL,
    about         text   NOT NULL,
    id            text,
    correlationid text,
    causationid   text,
    PRIMARY KEY (log, position)
);
-- With `filed`: a history is read without looking up its entries.
CREATE INDEX ON {schema}.entries (about, filed);

-- What says who belongs together: openings, merges, and what amends them (`root` is the amended one), with their bytes.
CREATE TABLE {schema}.statements (
    log      text   NOT NULL,
    position bigint NOT NULL,
    root     bigint NOT NULL,
    body     bytea  NOT NULL,
    PRIMARY KEY (log, position)
);
CREATE INDEX ON {schema}.statements (log, root);

-- Whom they name: statements that name somebody in common are read together.
CREATE TABLE {schema}.named (
    key      text   NOT NULL,
    log      text   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (key, log, position)
);
CREATE INDEX ON {schema}.named (log, position);

-- A family by its case number, with the case that it is by now, after merges.
CREATE TABLE {schema}.families (
    family   text PRIMARY KEY,
    log      text   NOT NULL,
    position bigint NOT NULL,
    head     text   NOT NULL,
    division text,
    now      text   NOT NULL,
    UNIQUE (log, position)
);

-- In which family whom an entry is about stands; none: what is about them waits.
CREATE TABLE {schema}.places (
    key      text PRIMARY KEY,
    family   text,
    log      text,
    position bigint
);
CREATE INDEX ON {schema}.places (family, key);
CREATE INDEX ON {schema}.places (key) WHERE family IS NULL;

-- Who belonged to which family: since when, known from which event until which.
CREATE TABLE {schema}.spans (
    person         text   NOT NULL,
    family         text   NOT NULL,
    begins         date   NOT NULL,
    log            text   NOT NULL,
    position       bigint NOT NULL,
    known_from     date   NOT NULL,
    until_log      text,
    until_position bigint,
    known_to       date,
    PRIMARY KEY (person, log, position)
);

-- Merges that do nothing, and why.
CREATE TABLE {schema}.flagged (
    log      text   NOT NULL,
    position bigint NOT NULL,
    flag     text   NOT NULL,
    PRIMARY KEY (log, position)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
