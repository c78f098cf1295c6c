-- Interim answers are counted and promise a date, a case may be delegated within its agency, and the words of final
-- answers are known again by a hash. The version before writes none of these.
ALTER TABLE case_file ADD COLUMN interim_answers integer NOT NULL DEFAULT 0,
                      ADD COLUMN delegate text NOT NULL DEFAULT '';
COMMENT ON COLUMN case_file.delegate IS 'Who of the holder deals with it, as the agency calls them; told to nobody else';
UPDATE case_file SET interim_answers = given.n
  FROM (SELECT report_id, count(*) AS n FROM response WHERE kind = 1 GROUP BY report_id) given
  WHERE id = given.report_id AND state IN (2, 3);

ALTER TABLE response ADD COLUMN interim_reason smallint NOT NULL DEFAULT 0,
                     ADD COLUMN promised_on text NOT NULL DEFAULT '',
                     ADD COLUMN words_hash bigint;
COMMENT ON COLUMN response.promised_on IS 'Of interim answers: an ISO date in the zone of the case';
COMMENT ON COLUMN response.words_hash IS 'Of final answers: the same for the same words';
CREATE INDEX response_same_words ON response (agency_id, words_hash, given_at) WHERE words_hash IS NOT NULL;
