-- What a department keeps of the policy parameters that another department has set: a row for each parameter, with the
-- values that stand as of a position of the other one's log. It is a copy of what is public there.

CREATE TABLE {schema}.parameters (
    parameter text   PRIMARY KEY,
    position  bigint NOT NULL,
    standing  jsonb  NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON {schema}.parameters TO {role};
