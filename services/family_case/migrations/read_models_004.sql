-- Who belonged to which family, from which day to which; whether members of a family belonged to another one too. The
-- program fills these and the other tables anew from the case log when it starts; `waiting` keeps what it has.

TRUNCATE {schema}.entries, {schema}.statements, {schema}.named, {schema}.families, {schema}.places, {schema}.flagged,
    {schema}.mentions;

-- A member of this family belonged to another one at another time: which events are its own depends on days.
ALTER TABLE {schema}.families ADD COLUMN crossed boolean NOT NULL;

-- No day is a span without beginning (a member when the case was opened), or without end. `position` is the event that
-- says that the person belongs there, `until_position` the one that says until when; `came` and `gone` why.
DROP TABLE {schema}.spans;
CREATE TABLE {schema}.spans (
    person         text   NOT NULL,
    family         text   NOT NULL,
    begins         date,
    ends           date,
    came           text   NOT NULL,
    log            text   NOT NULL,
    position       bigint NOT NULL,
    gone           text   NOT NULL,
    until_log      text,
    until_position bigint,
    PRIMARY KEY (person, log, position)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.spans TO {role};
