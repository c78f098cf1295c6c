-- Cases, their clocks, and the agencies' answers. Numbers of enums are those of lapor.followup.v1, lapor.event.v1 and
-- lapor.report.v1.

CREATE TABLE case_file (
  id                text        PRIMARY KEY,
  state             smallint    NOT NULL,
  agency_id         text        NOT NULL,
  report_class      smallint    NOT NULL,
  supervision       boolean     NOT NULL,
  category          text        NOT NULL,
  region            text        NOT NULL,
  policy_version    text        NOT NULL,
  received_at       timestamptz NOT NULL,
  verified_at       timestamptz,
  time_zone         smallint    NOT NULL,

  first_response_started_at  timestamptz,
  first_response_due_at      timestamptz,
  first_response_met_at      timestamptz,
  first_response_breached_at timestamptz,
  resolution_started_at      timestamptz,
  resolution_due_at          timestamptz,
  resolution_met_at          timestamptz,
  resolution_breached_at     timestamptz,
  reaction_started_at        timestamptz,
  reaction_due_at            timestamptz,
  reaction_met_at            timestamptz,
  reaction_breached_at       timestamptz,

  closed_at          timestamptz,
  closing            smallint    NOT NULL,
  reopenings         integer     NOT NULL,
  responses          integer     NOT NULL,
  escalated          boolean     NOT NULL,
  escalation_outcome smallint    NOT NULL,

  -- Derived from the above, for the work lists.
  next_due_at        timestamptz NOT NULL,
  breached           boolean     NOT NULL
);
COMMENT ON TABLE case_file IS 'What the accountable agency owes the reporter of one report; id is the report''s';
COMMENT ON COLUMN case_file.agency_id IS 'The holder; empty while the report is with its administrators';
COMMENT ON COLUMN case_file.policy_version IS 'The version under which the report was received, for its whole life';
COMMENT ON COLUMN case_file.time_zone IS 'Of the first agency; the clocks count its days whoever holds the case later';
COMMENT ON COLUMN case_file.first_response_started_at IS 'The first assignment: when the case was opened';
COMMENT ON COLUMN case_file.escalated IS 'The reporter turned to the Ombudsman, whose case is not closed yet: no reaction clock runs';
COMMENT ON COLUMN case_file.resolution_met_at IS 'The last final answer; absent again once the case is reopened';
COMMENT ON COLUMN case_file.escalation_outcome IS 'Of the last case before the Ombudsman, if that is closed';
COMMENT ON COLUMN case_file.next_due_at IS 'The earliest date that the case waits for or has missed; infinity for none';
COMMENT ON COLUMN case_file.breached IS 'The first response or the resolution was late';

-- The work list of an agency, the most urgent first: open and answered cases.
CREATE INDEX case_file_in_work ON case_file (agency_id, next_due_at, id) WHERE state IN (2, 3);
-- Those behind it: closed and ended cases.
CREATE INDEX case_file_done ON case_file (agency_id, state, next_due_at, id) WHERE state IN (4, 5);

CREATE TABLE clock_pause (
  report_id text        NOT NULL,
  number    integer     NOT NULL,
  began_at  timestamptz NOT NULL,
  ended_at  timestamptz NOT NULL,
  PRIMARY KEY (report_id, number)
);
COMMENT ON TABLE clock_pause IS 'When the resolution clock stood still, from a final answer to the reopening';

CREATE TABLE response (
  report_id   text        NOT NULL,
  number      integer     NOT NULL,
  response_id uuid        NOT NULL,
  agency_id   text        NOT NULL,
  kind        smallint    NOT NULL,
  given_at    timestamptz NOT NULL,
  text        text        NOT NULL,
  PRIMARY KEY (report_id, number)
);
COMMENT ON COLUMN response.number IS 'From 1 in each case, in the order given';
COMMENT ON TABLE response IS 'The words of the agencies'' answers; nothing else in the suite holds them';

CREATE TABLE evidence (
  report_id       text    NOT NULL,
  response_number integer NOT NULL,
  number          integer NOT NULL,
  sha256          text    NOT NULL,
  size_bytes      bigint  NOT NULL,
  media_type      text    NOT NULL,
  uri             text    NOT NULL,
  PRIMARY KEY (report_id, response_number, number)
);
COMMENT ON TABLE evidence IS 'References of the files that go with an answer, in the order given';
