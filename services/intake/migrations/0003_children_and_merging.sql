-- Several agencies may have parts of a report, and a report may follow another one.
ALTER TABLE report
  ADD COLUMN child_agency_ids    text[]   NOT NULL DEFAULT '{}',
  ADD COLUMN child_arbiter_ids   text[]   NOT NULL DEFAULT '{}',
  ADD COLUMN lead_report_id      text COLLATE "C" NOT NULL DEFAULT '',
  ADD COLUMN status_before_merge smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN report.child_agency_ids IS 'who has the child assignments 1, 2, ...; an empty one: nobody now';
COMMENT ON COLUMN report.child_arbiter_ids IS 'whose arbiter decides about them, in the same order';
COMMENT ON COLUMN report.lead_report_id IS 'the report that it follows; empty but in status MERGED';
COMMENT ON COLUMN report.status_before_merge IS 'lapor.report.v1.ReportStatus; 0 but in status MERGED';
