-- By what reports that may tell the same are found: hashes of words, and place and topic.
ALTER TABLE words ADD COLUMN keys bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN words.keys IS 'keyed hashes of its most telling words, the most telling first; empty before this migration';

CREATE TABLE likeness (
  period      integer     NOT NULL,
  key         bigint      NOT NULL,
  received_at timestamptz NOT NULL,
  report_id   text COLLATE "C" NOT NULL
);
-- Keys are random. With the period before them, what is written now is near what was written just before, in a part of
-- the index; by the key alone each row would dirty a page of its own, of all that there are.
CREATE INDEX likeness_key ON likeness (period, key, received_at, report_id);
COMMENT ON TABLE likeness IS 'Which reports have a word; no words. A report may be there twice under a key';
COMMENT ON COLUMN likeness.period IS 'of received_at, in four weeks counted from 1970-01-01';
COMMENT ON COLUMN likeness.key IS 'one of words.keys, mixed with the regency or city that the report is about';

-- RegencyOf of likeness.h.
CREATE INDEX report_place ON report (left(region, 5), category, received_at);
