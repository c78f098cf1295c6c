-- In the rapid-response lane the Ombudsman reads a report before its reporter agrees.
ALTER TABLE report ADD COLUMN rapid_response boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN report.rapid_response IS 'while the Ombudsman has it in the rapid-response lane: it reads the report, and not the name';
