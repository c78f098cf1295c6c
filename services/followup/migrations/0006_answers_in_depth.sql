-- Interim answers are counted and promise a date; a case may be delegated within its agency; questions to the reporter,
-- promises and appeals have clocks; what is closed may be taken up again until a date; and the words of final answers are
-- known again by a hash. The version before writes none of these.
ALTER TABLE case_file ADD COLUMN interim_answers integer NOT NULL DEFAULT 0,
                      ADD COLUMN delegate text NOT NULL DEFAULT '',
                      ADD COLUMN question_started_at timestamptz,
                      ADD COLUMN question_due_at timestamptz,
                      ADD COLUMN question_met_at timestamptz,
                      ADD COLUMN question_breached_at timestamptz,
                      ADD COLUMN question_reminded_percent smallint NOT NULL DEFAULT 0,
                      ADD COLUMN question_raised_levels smallint NOT NULL DEFAULT 0,
                      ADD COLUMN question_alarm_at timestamptz,
                      ADD COLUMN promise_started_at timestamptz,
                      ADD COLUMN promise_due_at timestamptz,
                      ADD COLUMN promise_met_at timestamptz,
                      ADD COLUMN promise_breached_at timestamptz,
                      ADD COLUMN promise_reminded_percent smallint NOT NULL DEFAULT 0,
                      ADD COLUMN promise_raised_levels smallint NOT NULL DEFAULT 0,
                      ADD COLUMN promise_alarm_at timestamptz,
                      ADD COLUMN appeal_started_at timestamptz,
                      ADD COLUMN appeal_due_at timestamptz,
                      ADD COLUMN appeal_met_at timestamptz,
                      ADD COLUMN appeal_breached_at timestamptz,
                      ADD COLUMN appeal_reminded_percent smallint NOT NULL DEFAULT 0,
                      ADD COLUMN appeal_raised_levels smallint NOT NULL DEFAULT 0,
                      ADD COLUMN appeal_alarm_at timestamptz,
                      ADD COLUMN questions integer NOT NULL DEFAULT 0,
                      ADD COLUMN question_id text NOT NULL DEFAULT '',
                      ADD COLUMN reopen_until timestamptz,
                      ADD COLUMN supervisor_agency_id text NOT NULL DEFAULT '',
                      ADD COLUMN appeal_granted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN case_file.question_id IS 'The response_id of the question that waits for the reporter; while there is one the resolution clock rests';
COMMENT ON COLUMN case_file.promise_due_at IS 'The end of the date that the agency named in its last interim answer';
COMMENT ON COLUMN case_file.appeal_met_at IS 'When the appeal was decided';
COMMENT ON COLUMN case_file.reopen_until IS 'Of a closed report: until when its reporter may ask to reopen it, or appeal';
COMMENT ON COLUMN case_file.supervisor_agency_id IS 'Who decides the reporter''s appeal, or did; empty: there was none';
COMMENT ON COLUMN case_file.delegate IS 'Who of the holder deals with it, as the agency calls them; told to nobody else';
UPDATE case_file SET interim_answers = given.n
  FROM (SELECT report_id, count(*) AS n FROM response WHERE kind = 1 GROUP BY report_id) given
  WHERE id = given.report_id AND state IN (2, 3);

ALTER TABLE response ADD COLUMN interim_reason smallint NOT NULL DEFAULT 0,
                     ADD COLUMN promised_on text NOT NULL DEFAULT '',
                     ADD COLUMN words_hash bigint,
                     ADD COLUMN on_appeal boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN response.promised_on IS 'Of interim answers: an ISO date in the zone of the case';
COMMENT ON COLUMN response.words_hash IS 'Of final answers: the same for the same words';
CREATE INDEX response_same_words ON response (agency_id, words_hash, given_at) WHERE words_hash IS NOT NULL;
COMMENT ON TABLE clock_pause IS 'When the resolution clock stood still: from a final answer to the reopening, and for a question';

-- The appeals that wait for an agency's decision, by their due date.
CREATE INDEX case_file_appealed ON case_file (supervisor_agency_id, next_due_at, id)
  WHERE appeal_started_at IS NOT NULL AND appeal_met_at IS NULL;

-- The reports to recount when a calendar has changed: appeals run where all else is closed.
CREATE INDEX case_file_open ON case_file (id)
  WHERE parent_id = '' AND (state IN (1, 2, 3, 6, 7) OR (appeal_started_at IS NOT NULL AND appeal_met_at IS NULL));
