-- Archived cases are told from withdrawn ones, for they may be restored. The version before knows both as ended.
CREATE INDEX case_file_not_in_work ON case_file (agency_id, state, next_due_at, id) WHERE state IN (4, 5, 6);
DROP INDEX case_file_done;
