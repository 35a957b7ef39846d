-- Verdicts as they stand: derived from the logs and a day, dropped and judged anew at will.

-- One row a family: its verdicts (those that are not NOT_APPLICABLE), the day they are of, and the day from which they
-- may be otherwise, if nothing new is said. `asks`: which grants to other families they depend on. `failed`: they could
-- not be judged; what stands here is of before.
CREATE TABLE {schema}.judged (
    family  text PRIMARY KEY,
    county  text,
    judged  date,
    wake    date NOT NULL,
    asks    text[] NOT NULL DEFAULT '{{}}',
    said    jsonb NOT NULL DEFAULT '[]',
    failed  boolean NOT NULL DEFAULT false
);
CREATE INDEX ON {schema}.judged (wake);
CREATE INDEX ON {schema}.judged USING gin (asks) WHERE asks <> '{{}}';

-- What is open or warned of: the work lists.
CREATE TABLE {schema}.open (
    family     text NOT NULL,
    rule       text NOT NULL,
    subject    text NOT NULL,
    who        text NOT NULL,
    type       text NOT NULL,
    urgency    smallint NOT NULL,
    since      date NOT NULL,
    due        date,
    department text NOT NULL,
    division   text,
    county     text,
    clause     text NOT NULL,
    state      text NOT NULL,
    held_until date,
    PRIMARY KEY (family, rule, subject, type)
);
CREATE INDEX ON {schema}.open (department, division, urgency, since);
CREATE INDEX ON {schema}.open (division, urgency, since);
CREATE INDEX ON {schema}.open (urgency, since);

-- Services with a priority, as they were granted: whether the family was a difficult one then.
CREATE TABLE {schema}.grants (
    family    text NOT NULL,
    log       text NOT NULL,
    position  bigint NOT NULL,
    kind      text NOT NULL,
    difficult boolean NOT NULL,
    PRIMARY KEY (log, position)
);
CREATE INDEX ON {schema}.grants (family);
CREATE INDEX ON {schema}.grants (kind);

-- How far the case log was looked through for whom it concerns.
CREATE TABLE {schema}.progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    reached  bigint NOT NULL
);
INSERT INTO {schema}.progress (reached) VALUES (0);

GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
