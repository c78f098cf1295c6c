-- Routes: where each report is in the administration, and whose hands it was in. Numbers of enums are those of the
-- protos that the comments name. No words and no person: those are in intake.

CREATE TABLE route (
  report_id            text        PRIMARY KEY,
  state                smallint    NOT NULL,
  report_class         smallint    NOT NULL,
  supervision          boolean     NOT NULL,
  confidential         boolean     NOT NULL,
  category             text        NOT NULL,
  region               text        NOT NULL,
  policy_version       text        NOT NULL,
  received_at          timestamptz NOT NULL,
  complete_since       timestamptz NOT NULL,
  verification_due_at  timestamptz,
  verification_overdue boolean     NOT NULL,
  completion_fields    text        NOT NULL,
  completion_due_at    timestamptz,
  withdrawn            boolean     NOT NULL,
  holder_agency_id     text        NOT NULL,
  held_since           timestamptz NOT NULL,
  last_agency_id       text        NOT NULL,
  returned_from        text        NOT NULL,
  proposed_agency_id   text        NOT NULL,
  hops                 integer     NOT NULL,
  bounces              integer     NOT NULL,
  handovers            integer     NOT NULL,
  bound_agency_id      text        NOT NULL,
  CONSTRAINT one_holder_while_open CHECK ((state IN (8, 9)) = (holder_agency_id = '')),
  CONSTRAINT waits_in_order CHECK (state NOT IN (1, 3, 6, 7) OR verification_due_at IS NOT NULL)
);
COMMENT ON TABLE route IS 'The way of one report; services/routing/domain.h says what each column means.';
COMMENT ON COLUMN route.state IS 'lapor.routing.v1.RouteState';
COMMENT ON COLUMN route.report_class IS 'lapor.report.v1.ReportClass';
COMMENT ON COLUMN route.verification_due_at IS 'null while the reporter owes something';
COMMENT ON COLUMN route.completion_fields IS 'what the reporter was asked for, separated by commas';
COMMENT ON COLUMN route.holder_agency_id IS 'the one accountable holder; empty when archived or ended';

-- The triage queue: only those states in which an administrator has to decide.
CREATE INDEX route_waiting ON route (state, verification_due_at, report_id) WHERE state IN (1, 3, 6, 7);

CREATE TABLE handover (
  report_id        text        NOT NULL,
  number           integer     NOT NULL,
  agency_id        text        NOT NULL,
  since            timestamptz NOT NULL,
  returned_because smallint    NOT NULL,
  PRIMARY KEY (report_id, number)
);
COMMENT ON TABLE handover IS 'Every change of the accountable holder; only ever added to.';
COMMENT ON COLUMN handover.agency_id IS 'accountable from then on; empty for nobody any more';
COMMENT ON COLUMN handover.returned_because IS
  'lapor.event.v1.ReturnReason: why the hand before gave it away; 0 unless it was returned';

CREATE TABLE agency (
  agency_id  text     PRIMARY KEY,
  name       text     NOT NULL,
  short_name text     NOT NULL,
  kind       smallint NOT NULL,
  parent_id  text     REFERENCES agency,
  region     text     NOT NULL,
  time_zone  smallint NOT NULL,
  version    bigint   NOT NULL
);
COMMENT ON TABLE agency IS 'The registry, as the last AgencyRecorded event of each says.';
COMMENT ON COLUMN agency.kind IS 'lapor.event.v1.AgencyKind';
COMMENT ON COLUMN agency.parent_id IS 'the coordinator above; null for the root only';
COMMENT ON COLUMN agency.region IS 'empty for national bodies';
COMMENT ON COLUMN agency.time_zone IS 'lapor.report.v1.TimeZone';

-- Its lock is held by whoever changes the registry; its version tells every instance that there is something new.
CREATE TABLE registry (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version  bigint  NOT NULL DEFAULT 0
);
INSERT INTO registry DEFAULT VALUES;
