-- The reporter may contest an archiving until then.
ALTER TABLE report ADD COLUMN contest_until timestamptz;
