-- What is to be told, and to whom: ids, codes and dates. No address, no name and no words: where a message goes is looked
-- up when it is sent.

CREATE TABLE notification (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key             text        NOT NULL UNIQUE,
  bundle          text        NOT NULL,
  agency_id       text        NOT NULL,
  report_id       text        NOT NULL,
  child           integer     NOT NULL,
  template        text        NOT NULL,
  parameters      jsonb       NOT NULL,
  language        smallint    NOT NULL,
  occurred_at     timestamptz NOT NULL,
  created_at      timestamptz NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  attempts        integer     NOT NULL DEFAULT 0,
  done            smallint    NOT NULL DEFAULT 0,
  ended_at        timestamptz,
  ending          smallint    NOT NULL DEFAULT 0,
  CONSTRAINT ended_somehow CHECK ((ended_at IS NULL) = (ending = 0))
);
COMMENT ON TABLE notification IS 'One event, for one who is told of it; written in the transaction of its effect';
COMMENT ON COLUMN notification.key IS 'the event''s id, and whom it is told: once';
COMMENT ON COLUMN notification.bundle IS 'what has the same goes out as one message';
COMMENT ON COLUMN notification.agency_id IS 'whose officers are told; empty: the reporter';
COMMENT ON COLUMN notification.language IS 'lapor.report.v1.Language';
COMMENT ON COLUMN notification.next_attempt_at IS 'by the machine''s clock; while it is being sent: when another sender may';
COMMENT ON COLUMN notification.done IS 'bits: with 1 mail, 2 SMS, 4 webhook it is done, as it was sent or given up; 8 one was given up';
COMMENT ON COLUMN notification.ending IS '1 sent, 2 nobody to send it to, 3 given up';

CREATE INDEX notification_due ON notification (next_attempt_at, id) WHERE ended_at IS NULL;
CREATE INDEX notification_bundle ON notification (bundle) WHERE ended_at IS NULL;
CREATE INDEX notification_ended ON notification (ended_at) WHERE ended_at IS NOT NULL;
