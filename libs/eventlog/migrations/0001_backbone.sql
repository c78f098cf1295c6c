-- The event backbone of one service: journal, relay, inbox, quarantine, requests, deadlines.
-- topic: 1 = lapor.report.v1, 2 = lapor.agency.v1 (libs/eventlog/topic.h).

-- The last position written per partition. Its row lock, taken as the last step of a transaction and held to the
-- commit, is what makes position order the order of commits, without gaps.
CREATE TABLE event_head (
  topic     smallint NOT NULL,
  partition integer  NOT NULL,
  position  bigint   NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- The journal. Rows are never updated; whole weeks are dropped after the retention.
CREATE TABLE event (
  topic       smallint    NOT NULL,
  partition   integer     NOT NULL,
  position    bigint      NOT NULL,
  event_id    uuid        NOT NULL,
  subject     text        NOT NULL,
  type        text        NOT NULL,
  occurred_at timestamptz NOT NULL,
  payload     bytea       NOT NULL,
  trace       text        NOT NULL DEFAULT '',
  recorded_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (recorded_at);
CREATE TABLE event_default PARTITION OF event DEFAULT;
CREATE INDEX event_by_position ON event (topic, partition, position);
COMMENT ON COLUMN event.payload IS 'lapor.event.v1.Event';

-- How far the broker has acknowledged. The epoch fences a relay that lost its place to another instance.
CREATE TABLE relay_cursor (
  topic        smallint NOT NULL,
  partition    integer  NOT NULL,
  position     bigint   NOT NULL DEFAULT 0,
  kafka_offset bigint   NOT NULL DEFAULT -1,
  PRIMARY KEY (topic, partition)
);
CREATE TABLE relay (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch      bigint  NOT NULL DEFAULT 0,
  cluster_id text    NOT NULL DEFAULT ''
);
INSERT INTO relay DEFAULT VALUES;

-- What has been applied of other services' events, in the transaction of its effect.
CREATE TABLE inbox (
  producer     text     NOT NULL,
  topic        smallint NOT NULL,
  partition    integer  NOT NULL,
  position     bigint   NOT NULL,
  kafka_offset bigint   NOT NULL,
  PRIMARY KEY (topic, partition, producer)
);
-- The broker that inbox.kafka_offset speaks of.
CREATE TABLE inbox_cluster (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  cluster_id text    NOT NULL DEFAULT ''
);
INSERT INTO inbox_cluster DEFAULT VALUES;

-- Events that could not be decoded or applied, and those of the same subject that wait behind them.
CREATE TABLE quarantine (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic          smallint    NOT NULL,
  partition      integer     NOT NULL,
  kafka_offset   bigint      NOT NULL,
  producer       text        NOT NULL,
  position       bigint      NOT NULL,
  subject        text        NOT NULL,
  value          bytea       NOT NULL,
  reason         text        NOT NULL,
  quarantined_at timestamptz NOT NULL DEFAULT now(),
  ended_at       timestamptz,
  ending         text
);
CREATE INDEX quarantine_held ON quarantine (subject, id) WHERE ended_at IS NULL;

-- The first answer to every request, for the life of the report.
CREATE TABLE request (
  key         text     PRIMARY KEY,
  fingerprint bytea    NOT NULL,
  subject     text     NOT NULL,
  state       integer  NOT NULL,
  partition   integer  NOT NULL,
  position    bigint   NOT NULL,
  decided_at  timestamptz NOT NULL
);
COMMENT ON COLUMN request.key IS 'who asked, and the request_id that they gave (RequestKey of libs/eventlog/requests.h)';

-- Open deadlines only: a fired or cleared one is gone. clock: lapor.report.v1.Clock.
CREATE TABLE deadline (
  subject text        NOT NULL,
  clock   smallint    NOT NULL,
  due_at  timestamptz NOT NULL,
  blocked text,
  PRIMARY KEY (subject, clock)
);
CREATE INDEX deadline_due ON deadline (due_at, subject, clock) WHERE blocked IS NULL;
CREATE INDEX deadline_blocked ON deadline (subject, clock) WHERE blocked IS NOT NULL;
COMMENT ON COLUMN deadline.blocked IS 'why it could not be carried out when it fired; an operator looks into it';
