-- What the family case keeps beside its log ({schema}): what it received, what departments signed, what it could not read.

CREATE TABLE {schema}.inbox (
    log      text   NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    leaf     bytea  NOT NULL,
    PRIMARY KEY (log, position)
);

CREATE TABLE {schema}.checkpoints_seen (
    log  text   NOT NULL,
    size bigint NOT NULL,
    note text   NOT NULL,
    PRIMARY KEY (log, size, note)
);

-- Bodies are sealed: a message nobody could read may hold anything.
CREATE TABLE {schema}.quarantine (
    digest  text PRIMARY KEY,
    log     text NOT NULL,
    reason  text NOT NULL,
    size    bigint NOT NULL,
    sealed  jsonb NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.inbox
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.checkpoints_seen
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.quarantine
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

GRANT SELECT, INSERT ON {schema}.inbox, {schema}.checkpoints_seen, {schema}.quarantine TO {role};
