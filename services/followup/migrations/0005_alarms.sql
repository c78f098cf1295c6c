-- A clock's row among the deadlines is its next alarm: a reminder, its end, then the next supervisor. Clocks from before
-- have none of their own: they fire at their end, and those that ran out before are looked at once more, for supervisors.
ALTER TABLE case_file ADD COLUMN first_response_reminded_percent smallint NOT NULL DEFAULT 0,
                      ADD COLUMN first_response_raised_levels    smallint NOT NULL DEFAULT 0,
                      ADD COLUMN first_response_alarm_at         timestamptz,
                      ADD COLUMN resolution_reminded_percent     smallint NOT NULL DEFAULT 0,
                      ADD COLUMN resolution_raised_levels        smallint NOT NULL DEFAULT 0,
                      ADD COLUMN resolution_alarm_at             timestamptz,
                      ADD COLUMN reaction_reminded_percent       smallint NOT NULL DEFAULT 0,
                      ADD COLUMN reaction_raised_levels          smallint NOT NULL DEFAULT 0,
                      ADD COLUMN reaction_alarm_at               timestamptz,
                      ADD COLUMN first_agency_id                 text NOT NULL DEFAULT '';
COMMENT ON COLUMN case_file.resolution_reminded_percent IS 'The highest part of the term whose passing was told; 0: none was';
COMMENT ON COLUMN case_file.resolution_raised_levels IS 'How many above the holder were told of the breach';
COMMENT ON COLUMN case_file.resolution_alarm_at IS 'When it is looked at next; infinity: not any more; null: at its end or, of a breached clock, not known';
COMMENT ON COLUMN case_file.first_agency_id IS 'On whose closures the clocks stand still, whoever holds the case later; empty: not known';

INSERT INTO deadline (subject, clock, due_at)
SELECT id, 2, first_response_due_at FROM case_file
WHERE state = 2 AND first_response_breached_at IS NOT NULL AND first_response_met_at IS NULL
UNION ALL
SELECT id, 3, resolution_due_at FROM case_file
WHERE state = 2 AND resolution_breached_at IS NOT NULL AND resolution_met_at IS NULL
ON CONFLICT (subject, clock) DO NOTHING;
