-- Agencies with attributes, that end; and the reports that are carried over when they do. Everything has a default, so
-- that the version before this one writes on.

ALTER TABLE agency
  ADD COLUMN details jsonb   NOT NULL DEFAULT '{}',
  ADD COLUMN ended   boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN agency.details IS 'what else the last AgencyRecorded event says, as its JSON';
COMMENT ON COLUMN agency.ended IS 'merged, split or closed; it stays, so that what was once with it can be read';
CREATE INDEX agency_ended ON agency (agency_id) WHERE ended;

CREATE TABLE liaison_officer (
  agency_id text     NOT NULL REFERENCES agency,
  number    smallint NOT NULL,
  name      text     NOT NULL,
  contact   text     NOT NULL,
  PRIMARY KEY (agency_id, number)
);
COMMENT ON TABLE liaison_officer IS
  'Whom to reach at an agency. Persons, so no event has them; deleted when the agency ends.';

-- To find what is to be carried over, by what is open with the one agency. The last two hold few rows.
CREATE INDEX route_held ON route (holder_agency_id, report_id)
  WHERE holder_agency_id NOT IN ('', 'id') AND holder_agency_id <> '';
CREATE INDEX route_proposed ON route (proposed_agency_id, report_id)
  WHERE proposed_agency_id NOT IN ('', 'id') AND holder_agency_id <> '';
CREATE INDEX route_bound ON route (bound_agency_id, report_id)
  WHERE bound_agency_id NOT IN ('', 'id') AND holder_agency_id <> '';
