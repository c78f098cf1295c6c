-- Merged cases rest, too: they may go on. The version before looks for fewer states, which this index has as well.
CREATE INDEX case_file_behind ON case_file (agency_id, state, next_due_at, id) WHERE state IN (4, 5, 6, 7);
DROP INDEX case_file_not_in_work;
