-- Questions, broken promises, raised breaches and signs of bad answers, which stay with whose doing they are; appeals are
-- bits of report.facts. Reports from before get them by RebuildFigures.
ALTER TABLE report ADD COLUMN deeds text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN report.deeds IS
  'Deed in services/reporting/domain.h, a colon, how often, a colon, whose; of the report and its child assignments';

ALTER TABLE figure
  ADD COLUMN questions           bigint NOT NULL DEFAULT 0,
  ADD COLUMN promises_broken     bigint NOT NULL DEFAULT 0,
  ADD COLUMN breaches_raised     bigint NOT NULL DEFAULT 0,
  ADD COLUMN appealed            bigint NOT NULL DEFAULT 0,
  ADD COLUMN appeals_granted     bigint NOT NULL DEFAULT 0,
  ADD COLUMN answers_copy_paste  bigint NOT NULL DEFAULT 0,
  ADD COLUMN answers_other_door  bigint NOT NULL DEFAULT 0,
  ADD COLUMN answers_no_evidence bigint NOT NULL DEFAULT 0;
