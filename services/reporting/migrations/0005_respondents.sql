-- What is brought before the Ombudsman, and found there, counts with who was complained about: not always the agency that
-- leads the report, then or now. Reports from before stay with the one that leads them, as they were counted: figures must
-- be what their reports make them at any time. They get their respondents by RebuildFigures.
ALTER TABLE report ADD COLUMN respondents text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN report.respondents IS
  '1 where maladministration was found, else 0, a colon, who was complained about; each once, the last one last';

UPDATE report SET respondents = ARRAY[CASE WHEN facts & 2048 <> 0 THEN '1:' ELSE '0:' END || agency_id]
WHERE facts & 1024 <> 0;
