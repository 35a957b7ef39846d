-- What the console keeps beside its log ({schema}), in which stands who may sign in: the passwords' hashes, who is signed
-- in, and how often somebody failed to. None of it is evidence.

CREATE TABLE {schema}.passwords (
    username text        PRIMARY KEY,
    hash     text        NOT NULL,
    set_at   timestamptz NOT NULL
);

-- `id` is the hash of what the browser holds. A session that has ended stays a while: it says whose a late form is.
CREATE TABLE {schema}.sessions (
    id       bytea       PRIMARY KEY,
    username text        NOT NULL,
    began    timestamptz NOT NULL,
    seen     timestamptz NOT NULL,
    ended    timestamptz,
    visited  timestamptz
);
CREATE INDEX ON {schema}.sessions (username);

-- By account and by address, as hashes: an address, or a name that nobody has, is nobody's business.
CREATE TABLE {schema}.failures (
    key    bytea       PRIMARY KEY,
    number integer     NOT NULL,
    last   timestamptz NOT NULL,
    until  timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.passwords, {schema}.sessions, {schema}.failures TO {role};
