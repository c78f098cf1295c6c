-- The rows that intake writes for one report, each set in a transaction of its own, and nothing else: no idempotency,
-- no gapless position, no gRPC. Ids are drawn by a sequence.
\set n random(1, 1000000000)
BEGIN;
INSERT INTO report (id, status, class, supervision, channel, category, region, anonymous, confidential, received_at,
  policy_version, receipt_hash, agency_id, arbiter_agency_id, completion_fields, identity_known, name_secret, escalation,
  ombudsman_admitted, attachment_count, text_bytes, timeline_length)
VALUES ('B' || :client_id || '-' || nextval('bench_id'), 1, 1, false, 1, 'roads.regency', '32.73', false, false, now(),
  '2024.1', decode(repeat('ab', 32), 'hex'), '', '', '{}', true, false, 0, false, 1, 250, 1);
INSERT INTO words VALUES ('B' || :client_id || '-' || currval('bench_id'), 0, 'Jalan berlubang di depan pasar', repeat('Lubang besar di tengah jalan. ', 8), '{1,2,3,4,5,6}');
INSERT INTO likeness SELECT floor(extract(epoch FROM now()) / 2419200), key, now(), 'B' || :client_id || '-' || currval('bench_id') FROM generate_series(1, 8) AS key;
INSERT INTO attachment VALUES ('B' || :client_id || '-' || currval('bench_id'), 0, 0, decode(repeat('cd', 32), 'hex'), 183220, 'image/jpeg', 'https://lampiran.example.go.id/foto.jpg');
INSERT INTO identity VALUES ('B' || :client_id || '-' || currval('bench_id'), 0, decode(repeat('ef', 80), 'hex'));
INSERT INTO timeline VALUES ('B' || :client_id || '-' || currval('bench_id'), 0, now(), decode(repeat('12', 120), 'hex'));
INSERT INTO event (topic, partition, position, event_id, subject, type, occurred_at, payload)
VALUES (1, :n % 16, currval('bench_id'), gen_random_uuid(), 'B' || :client_id || '-' || currval('bench_id'), 'ReportSubmitted', now(), decode(repeat('34', 180), 'hex'));
INSERT INTO request VALUES ('token channel ' || gen_random_uuid(), decode(repeat('56', 32), 'hex'), 'B' || :client_id || '-' || currval('bench_id'), 1, :n % 16, currval('bench_id'), now());
COMMIT;
