-- Child assignments: a part of a report that another agency than the leading one has, with a row of its own under the
-- report's id, a dot and its number. And reports that follow another one about the same matter. Everything has a
-- default, so that the version before this one writes on.

ALTER TABLE route
  ADD COLUMN parent_id        text     NOT NULL DEFAULT '',
  ADD COLUMN children         smallint NOT NULL DEFAULT 0,
  ADD COLUMN verified_at      timestamptz,
  ADD COLUMN assigned_at      timestamptz,
  ADD COLUMN answered         boolean  NOT NULL DEFAULT false,
  ADD COLUMN escalated        boolean  NOT NULL DEFAULT false,
  ADD COLUMN lead_report_id   text     NOT NULL DEFAULT '',
  ADD COLUMN merged_from      smallint NOT NULL DEFAULT 0,
  ADD COLUMN closed_meanwhile boolean  NOT NULL DEFAULT false,
  ADD COLUMN followers        integer  NOT NULL DEFAULT 0,
  DROP CONSTRAINT one_holder_while_open,
  ADD CONSTRAINT one_holder_while_open CHECK ((state IN (8, 9, 10)) = (holder_agency_id = '')) NOT VALID,
  ADD CONSTRAINT merged_follows CHECK ((state = 10) = (lead_report_id <> '')) NOT VALID;
COMMENT ON COLUMN route.parent_id IS 'of a child assignment: the report';
COMMENT ON COLUMN route.children IS 'how many child assignments were ever made';
COMMENT ON COLUMN route.verified_at IS 'the first time; null where it was before this was recorded';
COMMENT ON COLUMN route.lead_report_id IS 'while merged: the report that it follows';
COMMENT ON COLUMN route.answered IS 'the final answer stands; false where it was given before this was recorded';
COMMENT ON COLUMN route.escalated IS 'the reporter turned to the Ombudsman, whose case is not closed; false where it was before this was recorded';
COMMENT ON COLUMN route.merged_from IS 'lapor.routing.v1.RouteState: while merged, the state before';
COMMENT ON COLUMN route.closed_meanwhile IS 'while merged: its case turned out to have been closed';
COMMENT ON COLUMN route.holder_agency_id IS 'the one accountable holder; empty when archived, ended or merged';
COMMENT ON COLUMN route.followers IS 'how many reports are merged into this one';

CREATE INDEX route_children ON route (parent_id) WHERE parent_id <> '';
CREATE INDEX route_followers ON route (lead_report_id, report_id) WHERE lead_report_id <> '';
-- What the sweep looks for: rows that it takes out of these indexes again.
CREATE INDEX route_leaving ON route (report_id)
  WHERE state = 10 AND (withdrawn OR escalated OR closed_meanwhile);
CREATE INDEX route_lost_leads ON route (report_id)
  WHERE followers > 0 AND (state = 8 OR (state = 9 AND withdrawn));

-- When it was assigned first: so that a merge keeps the earlier clock of the first response.
UPDATE route SET assigned_at = first.since
FROM (SELECT report_id, min(since) AS since FROM handover
      WHERE agency_id NOT IN ('', 'id') AND cause <> 4 GROUP BY report_id) AS first
WHERE route.report_id = first.report_id AND route.hops > 0;
