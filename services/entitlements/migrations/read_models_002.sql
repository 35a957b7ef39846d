-- On which day and in which year a grant counts, as its decision stands: what others' verdicts compare with. Everything
-- is judged anew.

ALTER TABLE {schema}.grants ADD COLUMN day date NOT NULL DEFAULT '0001-01-01',
    ADD COLUMN year smallint NOT NULL DEFAULT 0;
UPDATE {schema}.judged SET wake = '0001-01-01';
