-- What a person at the desk decided about an event that stands in no history (`log/position`), or a quarantined message
-- (its digest): set aside with a reason, taken up again, or read after all. The newest decision counts; all are kept.

CREATE TABLE {schema}.desk_decisions (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item    text NOT NULL,
    decided text NOT NULL CHECK (decided IN ('set_aside', 'taken_up', 'read')),
    reason  text NOT NULL,
    who     text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX ON {schema}.desk_decisions (item, number);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.desk_decisions
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();

GRANT SELECT, INSERT ON {schema}.desk_decisions TO {role};
