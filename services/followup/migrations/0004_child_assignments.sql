-- A child assignment is a case with a row of its own, under the id of its report, a dot and its number. The version
-- before knows of none and leaves both columns as they are.
ALTER TABLE case_file ADD COLUMN parent_id text NOT NULL DEFAULT '',
                      ADD COLUMN children integer NOT NULL DEFAULT 0;
COMMENT ON TABLE case_file IS 'What the accountable agency owes the reporter of one report or, for its part, of one child assignment';
COMMENT ON COLUMN case_file.parent_id IS 'Of a child assignment: its report; empty for a report itself';
COMMENT ON COLUMN case_file.children IS 'How many child assignments the report has, ended ones included';
CREATE INDEX case_file_children ON case_file (parent_id) WHERE parent_id <> '';
