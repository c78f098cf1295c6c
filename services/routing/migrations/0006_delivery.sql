-- Assignments on their way to agencies' own applications. Of the last assignment only, while the agency has the report:
-- what goes to other hands is withdrawn by that.

ALTER TABLE route
  ADD COLUMN delivery_assigned_at     timestamptz,
  ADD COLUMN delivery_due_at          timestamptz,
  ADD COLUMN delivery_acknowledged_at timestamptz,
  ADD COLUMN delivery_fell_back_at    timestamptz,
  ADD CONSTRAINT delivery_is_due CHECK ((delivery_assigned_at IS NULL) = (delivery_due_at IS NULL)) NOT VALID;
COMMENT ON COLUMN route.delivery_assigned_at IS 'null unless it is with an agency that has an application of its own';

-- What is sent: few rows, and none of those that were acknowledged.
CREATE INDEX route_delivery ON route (holder_agency_id, delivery_assigned_at, report_id)
  WHERE delivery_assigned_at IS NOT NULL AND delivery_acknowledged_at IS NULL;
