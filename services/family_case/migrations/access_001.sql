-- The record of who read what ({schema}) is a log and nothing else. What cannot be written soon is not waited for: then
-- nothing is shown.

ALTER FUNCTION {schema}.append SET lock_timeout = '1500ms';
