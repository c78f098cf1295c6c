-- Triage at speed: danger to life comes first, and administrators claim what they work on.

ALTER TABLE route
  ADD COLUMN danger_to_life boolean NOT NULL DEFAULT false,
  ADD COLUMN claimed_by     text    NOT NULL DEFAULT '',
  ADD COLUMN claimed_until  timestamptz;
COMMENT ON COLUMN route.claimed_by IS 'the opaque id of an account; empty for nobody';

-- The index of the version before stays while that still runs; a later migration drops it.
CREATE INDEX route_triage ON route (state, (NOT danger_to_life), verification_due_at, report_id)
  WHERE state IN (1, 3, 6, 7);
CREATE INDEX route_claimed ON route (claimed_by) WHERE claimed_by <> '';
