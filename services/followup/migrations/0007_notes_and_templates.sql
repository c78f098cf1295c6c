-- What an agency's people write for each other, and what they answer from.
CREATE TABLE note (
  case_id    text        NOT NULL,
  agency_id  text COLLATE "C" NOT NULL,
  note_id    uuid        NOT NULL,
  written_at timestamptz NOT NULL,
  written_by text        NOT NULL,
  text       text        NOT NULL,
  PRIMARY KEY (case_id, agency_id, note_id)
);
COMMENT ON TABLE note IS 'For the people of the agency that wrote it and nobody else, whoever has the case later';
COMMENT ON COLUMN note.case_id IS 'of case_file';
COMMENT ON COLUMN note.written_by IS 'the subject of the writer''s token';

CREATE TABLE template (
  agency_id   text COLLATE "C" NOT NULL,
  template_id text COLLATE "C" NOT NULL,
  title       text NOT NULL,
  text        text NOT NULL,
  PRIMARY KEY (agency_id, template_id)
);
COMMENT ON TABLE template IS 'Words to answer from; {report} and {agency} are filled in when an answer is given';
