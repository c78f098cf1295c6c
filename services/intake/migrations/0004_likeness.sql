-- By what reports that may tell the same are found: hashes of words, and place and topic.
ALTER TABLE words ADD COLUMN keys bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN words.keys IS 'keyed hashes of its most telling words, the most telling first; empty before this migration';

CREATE TABLE likeness (
  key         bigint      NOT NULL,
  received_at timestamptz NOT NULL,
  report_id   text COLLATE "C" NOT NULL,
  PRIMARY KEY (key, received_at, report_id)
);
COMMENT ON TABLE likeness IS 'Which reports have a word, the newest of each word found first; no words';
COMMENT ON COLUMN likeness.key IS 'one of words.keys, mixed with the regency or city that the report is about';

-- RegencyOf of likeness.h.
CREATE INDEX report_place ON report (left(region, 5), category, received_at);
