-- An archiving is told from a term that has passed, for it may be undone. What the version before recorded stays a
-- term that has passed.
ALTER TABLE escalation ADD COLUMN archived boolean NOT NULL DEFAULT false;
