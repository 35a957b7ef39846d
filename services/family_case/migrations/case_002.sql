-- Who looks for a person, case number or original asks the read models; the case log is read by stream, id and position.

DROP INDEX IF EXISTS {schema}.events_subject_type_idx, {schema}.events_process_type_idx, {schema}.events_target_idx;
