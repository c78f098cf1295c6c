-- Escalations and the verdicts of the formal check. Numbers of enums are those of lapor.event.v1 and lapor.report.v1.

CREATE TABLE escalation (
  id                   text        PRIMARY KEY,

  received_at          timestamptz NOT NULL,
  policy_version       text        NOT NULL,
  identity_known       boolean     NOT NULL,
  agency_id            text        NOT NULL,
  term_passed          boolean     NOT NULL,
  dissatisfied         boolean     NOT NULL,
  closing              smallint    NOT NULL,
  withdrawn            boolean     NOT NULL,

  stage                smallint    NOT NULL,
  number               integer     NOT NULL,
  cause                smallint    NOT NULL,
  clock                smallint    NOT NULL,
  respondent_agency_id text        NOT NULL,
  opened_at            timestamptz,
  consented_at         timestamptz,
  name_secret          boolean     NOT NULL,
  citizen_or_resident  boolean     NOT NULL,
  before_court         boolean     NOT NULL,
  in_other_mediation   boolean     NOT NULL,
  outcome              smallint    NOT NULL,
  maladministration    smallint    NOT NULL,
  closed_at            timestamptz,

  CONSTRAINT opened_when_escalated CHECK ((stage = 0) = (opened_at IS NULL)),
  CONSTRAINT consent_before_the_formal_check CHECK (stage NOT IN (2, 3, 4, 5) OR consented_at IS NOT NULL)
);
COMMENT ON TABLE escalation IS 'Every report, with its last escalation if there was one; id is the report''s';
COMMENT ON COLUMN escalation.policy_version IS 'The version under which the report was received';
COMMENT ON COLUMN escalation.agency_id IS 'The last agency that was accountable; empty before the first';
COMMENT ON COLUMN escalation.term_passed IS 'A clock of the administrators or the agency ran out, or the report was archived';
COMMENT ON COLUMN escalation.dissatisfied IS 'A final answer left the reporter dissatisfied';
COMMENT ON COLUMN escalation.closing IS 'How the case is closed now; 0 while it is not';
COMMENT ON COLUMN escalation.stage IS '0: never escalated';
COMMENT ON COLUMN escalation.number IS 'How many escalations the report has had';
COMMENT ON COLUMN escalation.clock IS 'The clock that ran out, for a breach';
COMMENT ON COLUMN escalation.consented_at IS 'When the reporter agreed, or asked';
COMMENT ON COLUMN escalation.citizen_or_resident IS 'This and the next two: as the reporter declared';

CREATE INDEX escalation_open ON escalation (opened_at, id) WHERE stage IN (1, 2, 3, 4, 5);
CREATE INDEX escalation_by_stage ON escalation (stage, opened_at, id) WHERE stage > 0;

CREATE TABLE verdict (
  report_id  text        NOT NULL,
  escalation integer     NOT NULL,
  ground     smallint    NOT NULL,
  met        boolean     NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (report_id, escalation, ground)
);
COMMENT ON TABLE verdict IS 'The formal checks, ground by ground, of every escalation';
COMMENT ON COLUMN verdict.escalation IS 'escalation.number';
