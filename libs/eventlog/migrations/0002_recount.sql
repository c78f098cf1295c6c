-- The calendars by which all running clocks have been counted (policy::Policy::calendar_digest()); empty before the
-- first recount. It is written when a recount is done (libs/eventlog/recount.h).
CREATE TABLE recount (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  digest   text    NOT NULL DEFAULT ''
);
INSERT INTO recount DEFAULT VALUES;
