-- The way from the examination to the publication: clocks, documents, offices. Numbers of enums are those of
-- lapor.event.v1 and lapor.report.v1.

ALTER TABLE escalation
  ADD COLUMN stage_reached_at timestamptz,
  ADD COLUMN office           text        NOT NULL DEFAULT '',
  ADD COLUMN direct           boolean     NOT NULL DEFAULT false,
  ADD COLUMN court_process    boolean     NOT NULL DEFAULT false,
  ADD COLUMN occurred_on      text        NOT NULL DEFAULT '',
  ADD COLUMN rapid_response   boolean     NOT NULL DEFAULT false,
  ADD COLUMN check_owed       boolean     NOT NULL DEFAULT false,
  ADD COLUMN compliance       smallint    NOT NULL DEFAULT 0,
  ADD COLUMN compliance_at    timestamptz,
  ADD COLUMN overdue          boolean     NOT NULL DEFAULT false;
COMMENT ON COLUMN escalation.office IS 'A code of ombudsman-offices.csv; empty of those opened before offices were told, until they change';
COMMENT ON COLUMN escalation.direct IS 'The reporter does not want the provider to resolve it';
COMMENT ON COLUMN escalation.court_process IS 'This and the next: as the reporter declared';
COMMENT ON COLUMN escalation.check_owed IS 'The rapid-response lane went past the formal check';
COMMENT ON COLUMN escalation.overdue IS 'A clock has run out and is not met';

-- The stage of the examination report has one. Where it stood in words alone it is still to be issued.
UPDATE escalation SET stage = 4 WHERE stage = 5;

-- Lives first: the Ombudsman examines by itself (UU 37/2008 art. 7(d)), and who told it stays unknown until they agree.
ALTER TABLE escalation
  DROP CONSTRAINT consent_before_the_formal_check,
  ADD CONSTRAINT consent_before_the_formal_check
    CHECK (stage IN (0, 1, 6) OR consented_at IS NOT NULL OR check_owed) NOT VALID;
ALTER TABLE escalation VALIDATE CONSTRAINT consent_before_the_formal_check;

-- Open is everything but 0, never escalated, and 6, closed.
CREATE INDEX escalation_not_closed ON escalation (opened_at, id) WHERE stage > 0 AND stage <> 6;
DROP INDEX escalation_open;
-- What a change of the calendar looks through.
CREATE INDEX escalation_open_by_id ON escalation (id) WHERE stage > 0 AND stage <> 6;

ALTER TABLE verdict
  ADD COLUMN basis  smallint NOT NULL DEFAULT 0,
  ADD COLUMN reason text     NOT NULL DEFAULT '';
COMMENT ON COLUMN verdict.basis IS '0: decided before it was told';
COMMENT ON COLUMN verdict.reason IS 'Of a judgement, as the officer wrote it';

CREATE TABLE escalation_clock (
  report_id        text        NOT NULL,
  escalation       integer     NOT NULL,
  clock            smallint    NOT NULL,
  document         integer     NOT NULL,
  time_zone        smallint    NOT NULL,
  started_at       timestamptz NOT NULL,
  due_at           timestamptz NOT NULL,
  alarm_at         timestamptz NOT NULL,
  reminded_percent integer     NOT NULL,
  met_at           timestamptz,
  breached_at      timestamptz,
  PRIMARY KEY (report_id, escalation, clock, document)
);
COMMENT ON TABLE escalation_clock IS 'The clocks of every escalation that were started';
COMMENT ON COLUMN escalation_clock.escalation IS 'escalation.number';
COMMENT ON COLUMN escalation_clock.document IS 'The document that started it; 0 for the Ombudsman''s own';
COMMENT ON COLUMN escalation_clock.alarm_at IS 'The next reminder, or the end';

CREATE TABLE document (
  report_id         text        NOT NULL,
  escalation        integer     NOT NULL,
  number            integer     NOT NULL,
  kind              smallint    NOT NULL,
  agency_id         text        NOT NULL,
  finding           smallint    NOT NULL,
  maladministration smallint    NOT NULL,
  office            text        NOT NULL,
  issued_at         timestamptz NOT NULL,
  delivered_at      timestamptz,
  replied_at        timestamptz,
  replies           integer     NOT NULL,
  addressee_sha256  text        NOT NULL,
  PRIMARY KEY (report_id, escalation, number)
);
COMMENT ON TABLE document IS 'What the Ombudsman sent out, and what became of it; the words are in letter';
COMMENT ON COLUMN document.agency_id IS 'Empty where it goes to somebody who is no agency of the registry';
COMMENT ON COLUMN document.addressee_sha256 IS 'Of letter.addressee, to tell whom the summons that were not heeded went to; empty of an agency';

CREATE TABLE letter (
  report_id   text    NOT NULL,
  escalation  integer NOT NULL,
  document    integer NOT NULL,
  addressee   text    NOT NULL,
  text        text    NOT NULL,
  text_sha256 text    NOT NULL,
  PRIMARY KEY (report_id, escalation, document)
);
COMMENT ON TABLE letter IS 'The words of documents; never changed';

CREATE TABLE reply (
  report_id  text        NOT NULL,
  escalation integer     NOT NULL,
  document   integer     NOT NULL,
  number     integer     NOT NULL,
  replied_at timestamptz NOT NULL,
  agency_id  text        NOT NULL,
  text       text        NOT NULL,
  PRIMARY KEY (report_id, escalation, document, number)
);
COMMENT ON COLUMN reply.agency_id IS 'Who wrote it; empty where an officer of the Ombudsman recorded it';

CREATE TABLE document_attachment (
  report_id  text     NOT NULL,
  escalation integer  NOT NULL,
  document   integer  NOT NULL,
  reply      integer  NOT NULL,
  number     integer  NOT NULL,
  sha256     text     NOT NULL,
  size_bytes bigint   NOT NULL,
  media_type text     NOT NULL,
  uri        text     NOT NULL,
  PRIMARY KEY (report_id, escalation, document, reply, number)
);
COMMENT ON COLUMN document_attachment.reply IS 'reply.number; 0 for the letter''s own';

CREATE TABLE officer_note (
  report_id  text        NOT NULL,
  escalation integer     NOT NULL,
  kind       smallint    NOT NULL,
  written_at timestamptz NOT NULL,
  text       text        NOT NULL
);
COMMENT ON TABLE officer_note IS 'Why officers did what they did, and what they saw';
COMMENT ON COLUMN officer_note.kind IS '1 rapid response, 2 transfer, 3 compliance';
CREATE INDEX officer_note_of_report ON officer_note (report_id, escalation, written_at);
