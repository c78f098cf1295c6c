-- Who decided that a report changes hands, and by what: so that every hand can be explained. Rows from before know
-- neither; a previous version of the process goes on writing such rows.

ALTER TABLE handover
  ADD COLUMN cause               smallint NOT NULL DEFAULT 0,
  ADD COLUMN decided_by_role     smallint NOT NULL DEFAULT 0,
  ADD COLUMN decided_by_agency   text     NOT NULL DEFAULT '',
  ADD COLUMN binding             boolean  NOT NULL DEFAULT false;

COMMENT ON COLUMN handover.cause IS 'lapor.routing.v1.HandCause; 0 before it was recorded';
COMMENT ON COLUMN handover.decided_by_role IS 'lapor.report.v1.Role; 0 before it was recorded';
COMMENT ON COLUMN handover.decided_by_agency IS 'empty for reporters and for the suite itself';
COMMENT ON COLUMN handover.binding IS 'an arbiter had decided: nobody could return it from here';
