-- What an agency that has ended answered is its successor's answer. That was written into responded_by, which another
-- service tells: how a report ended depended on whose event came first.

ALTER TABLE report ADD COLUMN stands_for text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN report.stands_for IS 'in whose place agency_id stands, as these have ended';
