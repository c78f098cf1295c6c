-- What a reporter may do about a closing, what agencies ask them, and in which language they are written to.
ALTER TABLE report
  ADD COLUMN closing             smallint NOT NULL DEFAULT 0,
  ADD COLUMN reopen_until        timestamptz,
  ADD COLUMN reopening_requested boolean  NOT NULL DEFAULT false,
  ADD COLUMN appealed            boolean  NOT NULL DEFAULT false,
  ADD COLUMN appeal_waits        boolean  NOT NULL DEFAULT false,
  ADD COLUMN question_due_at     timestamptz,
  ADD COLUMN child_questions_due bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN language            smallint NOT NULL DEFAULT 1;
COMMENT ON COLUMN report.closing IS 'lapor.event.v1.Closing; 0 but in status CLOSED, and for those closed before this migration';
COMMENT ON COLUMN report.reopen_until IS 'while it is closed: until when it may be taken up again, or appealed';
COMMENT ON COLUMN report.reopening_requested IS 'the reporter asked for that, after this closing';
COMMENT ON COLUMN report.appealed IS 'the reporter appealed, once';
COMMENT ON COLUMN report.appeal_waits IS 'the appeal is not decided yet';
COMMENT ON COLUMN report.question_due_at IS 'until when the agency waits for the answer to its question';
COMMENT ON COLUMN report.child_questions_due IS 'the same of the child assignments 1, 2, ..., in microseconds since 1970; 0: none';
COMMENT ON COLUMN report.language IS 'lapor.report.v1.Language';
