-- The figures, and what they are made of. Nothing here but what events told: all of it may be forgotten and grows
-- back from the event streams. No text, no identity.

-- What figures depend on, report by report. Every event of a report rewrites its row in place: it is narrow, has no
-- index besides its key, and its pages keep room.
CREATE TABLE report (
  id                text COLLATE "C" PRIMARY KEY,
  facts             integer  NOT NULL,
  reported_province smallint NOT NULL,
  verified_province smallint NOT NULL,
  agency_id         text     NOT NULL,
  responded_by      text     NOT NULL,
  returned_by       text[]   NOT NULL,
  breached_by       text[]   NOT NULL,
  reopened          smallint NOT NULL,
  rating            smallint NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE report IS 'facts of each report on which figures depend';
COMMENT ON COLUMN report.facts IS 'bits; Fact in services/reporting/domain.h';
COMMENT ON COLUMN report.reported_province IS 'first two digits of the region that the reporter named; 0: none';
COMMENT ON COLUMN report.verified_province IS 'the same, as the administrator found; 0: none';
COMMENT ON COLUMN report.agency_id IS 'accountable: the last one assigned; empty before the first';
COMMENT ON COLUMN report.responded_by IS 'who gave the last answer; empty before the first';
COMMENT ON COLUMN report.returned_by IS 'an entry for every return, oldest first';
COMMENT ON COLUMN report.breached_by IS 'who let a clock run out while it was accountable, each once';
COMMENT ON COLUMN report.rating IS '1 to 5, the last; 0: none';

-- The figures: sums over all reports, kept up to date in the transaction that applies the events.
CREATE TABLE figure (
  scope                   smallint NOT NULL,
  id                      text COLLATE "C" NOT NULL,
  received                bigint   NOT NULL,
  verified                bigint   NOT NULL,
  in_process              bigint   NOT NULL,
  closed                  bigint   NOT NULL,
  archived                bigint   NOT NULL,
  withdrawn               bigint   NOT NULL,
  overdue                 bigint   NOT NULL,
  breached                bigint   NOT NULL,
  returned                bigint   NOT NULL,
  reopened                bigint   NOT NULL,
  closed_by_silence       bigint   NOT NULL,
  escalated               bigint   NOT NULL,
  maladministration_found bigint   NOT NULL,
  rating_sum              bigint   NOT NULL,
  rating_count            bigint   NOT NULL,
  PRIMARY KEY (scope, id)
) WITH (fillfactor = 50);
COMMENT ON TABLE figure IS 'counts of the nation, each province and each agency; lapor.reporting.v1.Figures defines them';
COMMENT ON COLUMN figure.scope IS 'lapor.reporting.v1.Scope';
COMMENT ON COLUMN figure.id IS 'province code or agency id; empty for the nation';

-- The slice of the registry that figures are shown with.
CREATE TABLE agency (
  id      text COLLATE "C" PRIMARY KEY,
  name    text     NOT NULL,
  kind    smallint NOT NULL,
  version bigint   NOT NULL
);
COMMENT ON COLUMN agency.kind IS 'lapor.event.v1.AgencyKind';
COMMENT ON COLUMN agency.version IS 'that of the registry; an older one never goes over a newer one';
