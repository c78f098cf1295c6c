-- Several agencies may have parts of a report, and a report may follow another one, which is a bit of report.facts.

ALTER TABLE report ADD COLUMN children text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN report.children IS
  'child assignments by number from 1: bits (1 ended, 2 a final answer stands), a colon, the agency accountable last';
COMMENT ON COLUMN report.returned_by IS 'an entry for every return, of a child assignment too, oldest first';
COMMENT ON COLUMN report.breached_by IS
  'who let a clock run out while it was accountable, for a child assignment too; each once';

ALTER TABLE figure
  ADD COLUMN merged            bigint NOT NULL DEFAULT 0,
  ADD COLUMN child_assignments bigint NOT NULL DEFAULT 0,
  ADD COLUMN child_answered    bigint NOT NULL DEFAULT 0;
