-- The reporter's counter. Every row below a report says which entry of the timeline brought it (entry_no), so that a
-- reader of several tables can read them all as of one moment.
-- Ids sort by their bytes, everywhere: rows are locked in that order.

CREATE TABLE report (
  id                 text COLLATE "C" PRIMARY KEY,
  status             smallint    NOT NULL,
  class              smallint    NOT NULL,
  supervision        boolean     NOT NULL,
  channel            smallint    NOT NULL,
  category           text        NOT NULL,
  region             text        NOT NULL,
  anonymous          boolean     NOT NULL,
  confidential       boolean     NOT NULL,
  received_at        timestamptz NOT NULL,
  policy_version     text        NOT NULL,
  receipt_hash       bytea       NOT NULL,
  agency_id          text        NOT NULL,
  arbiter_agency_id  text        NOT NULL,
  completion_fields  text[]      NOT NULL,
  completion_due_at  timestamptz,
  identity_known     boolean     NOT NULL,
  name_secret        boolean     NOT NULL,
  escalation         smallint    NOT NULL,
  ombudsman_admitted boolean     NOT NULL,
  attachment_count   integer     NOT NULL,
  text_bytes         bigint      NOT NULL,
  timeline_length    integer     NOT NULL
) WITH (fillfactor = 85);  -- a report changes some ten times in its life, in place if there is room on its page
COMMENT ON TABLE report IS 'One row a report: what decisions need; no words and no identity';
COMMENT ON COLUMN report.id IS 'tracking id without hyphens';
COMMENT ON COLUMN report.status IS 'lapor.report.v1.ReportStatus';
COMMENT ON COLUMN report.class IS 'lapor.report.v1.ReportClass';
COMMENT ON COLUMN report.channel IS 'lapor.report.v1.Channel';
COMMENT ON COLUMN report.receipt_hash IS 'BLAKE2b-256 of the receipt secret';
COMMENT ON COLUMN report.agency_id IS 'the accountable holder; empty while administrators have the report';
COMMENT ON COLUMN report.arbiter_agency_id IS 'whose arbiter decides; empty but in arbitration';
COMMENT ON COLUMN report.name_secret IS 'the name is for the Ombudsman alone, UU 37/2008 art. 24(2)';
COMMENT ON COLUMN report.escalation IS 'lapor.intake.v1.EscalationStatus';
COMMENT ON COLUMN report.ombudsman_admitted IS 'the reporter asked for the Ombudsman or agreed';
COMMENT ON COLUMN report.text_bytes IS 'what counts towards the limit of all texts of the report';
COMMENT ON COLUMN report.timeline_length IS 'number of the next entry of the timeline';

CREATE TABLE timeline (
  report_id   text COLLATE "C" NOT NULL,
  entry_no    integer     NOT NULL,
  occurred_at timestamptz NOT NULL,
  event       bytea       NOT NULL,
  PRIMARY KEY (report_id, entry_no)
);
COMMENT ON TABLE timeline IS 'Every event of a report, in the order in which intake learned of it; never changed';
COMMENT ON COLUMN timeline.event IS 'lapor.event.v1.Event; intake''s own ones without id and position';

CREATE TABLE words (
  report_id text COLLATE "C" NOT NULL,
  entry_no  integer NOT NULL,
  title     text    NOT NULL,
  text      text    NOT NULL,
  PRIMARY KEY (report_id, entry_no)
);
COMMENT ON TABLE words IS 'The description: entry 0 as submitted, with its title, then what was added to it';

CREATE TABLE message (
  report_id  text COLLATE "C" NOT NULL,
  entry_no   integer     NOT NULL,
  message_id uuid        NOT NULL,
  written_at timestamptz NOT NULL,
  text       text        NOT NULL,
  PRIMARY KEY (report_id, entry_no)
);
COMMENT ON TABLE message IS 'What the reporter wrote after the submission: replies and reactions';

CREATE TABLE attachment (
  report_id  text COLLATE "C" NOT NULL,
  number     integer NOT NULL,
  entry_no   integer NOT NULL,
  sha256     bytea   NOT NULL,
  size_bytes bigint  NOT NULL,
  media_type text    NOT NULL,
  uri        text    NOT NULL,
  PRIMARY KEY (report_id, number)
);
COMMENT ON TABLE attachment IS 'References to files that are kept elsewhere';

CREATE TABLE identity (
  report_id text COLLATE "C" NOT NULL,
  entry_no  integer NOT NULL,
  sealed    bytea   NOT NULL,
  PRIMARY KEY (report_id, entry_no)
);
COMMENT ON TABLE identity IS 'Who the reporter is, sealed; the newest row of a report counts';
