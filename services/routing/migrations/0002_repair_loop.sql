-- Reminders before a report is archived as not completed, and the reporter's right to contest an archiving.

ALTER TABLE route
  ADD COLUMN completion_asked_at         timestamptz,
  ADD COLUMN completion_reminded_percent integer  NOT NULL DEFAULT 0,
  ADD COLUMN archive_reason              smallint NOT NULL DEFAULT 0,
  ADD COLUMN contest_until               timestamptz,
  ADD COLUMN archived_by                 text     NOT NULL DEFAULT '',
  ADD COLUMN contested                   boolean  NOT NULL DEFAULT false;
COMMENT ON COLUMN route.archive_reason IS 'lapor.report.v1.ArchiveReason, while archived';
COMMENT ON COLUMN route.archived_by IS 'the opaque id of an account; empty for the completion clock';
COMMENT ON COLUMN route.completion_asked_at IS
  'null when the version before asked: then the end of the term is all that is told';
