#include "libs/eventlog/inbox.h"

#include <algorithm>

#include "fmt/format.h"

namespace lapor::eventlog {
namespace {

const pg::Statement kLoad{"inbox_load", R"sql(
  SELECT producer, partition, position, kafka_offset FROM inbox WHERE topic = $1 AND partition = ANY($2::int[]))sql"};

const pg::Statement kAll{"inbox_all", "SELECT producer, topic, partition, position FROM inbox"};

const pg::Statement kNextOffset{"inbox_next_offset", R"sql(
  SELECT coalesce(max(kafka_offset) + 1, 0) FROM inbox WHERE topic = $1 AND partition = $2)sql"};

const pg::Statement kInsert{"inbox_insert", R"sql(
  INSERT INTO inbox (producer, topic, partition, position, kafka_offset)
  SELECT * FROM unnest($1::text[], $2::smallint[], $3::int[], $4::bigint[], $5::bigint[])
  ON CONFLICT DO NOTHING)sql"};

// The expected old position is the fence.
const pg::Statement kUpdate{"inbox_update", R"sql(
  UPDATE inbox SET position = n.position, kafka_offset = n.kafka_offset
  FROM unnest($1::text[], $2::smallint[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS n (producer, topic, partition, position, kafka_offset, expected)
  WHERE inbox.producer = n.producer AND inbox.topic = n.topic AND inbox.partition = n.partition
    AND inbox.position = n.expected)sql"};

std::string FlawOf(const Inbound& inbound, const event::v1::Event& event) {
  if (inbound.producer.empty() || inbound.position < 1)
    return "its headers name no producer of ours and position";
  if (inbound.subject.empty()) return "its key is not the id of a report or an agency";
  if (event.payload_case() == event::v1::Event::PAYLOAD_NOT_SET) {
    return "its payload is of no kind that this version knows; upgrade this service, then replay it";
  }
  if (event.subject() != inbound.subject) return "its subject is not its key";
  if (event.producer() != inbound.producer || event.position() != inbound.position) {
    return "its producer and position are not those of its headers";
  }
  if (event.partition() != inbound.partition) return "its partition is not the one that it stands in";
  return "";
}

}  // namespace

void Decode(Inbound& inbound) {
  inbound.flaw = inbound.event.ParseFromString(inbound.value) ? FlawOf(inbound, inbound.event)
                                                              : "its bytes are not a lapor.event.v1.Event";
  inbound.decoded = inbound.flaw.empty();
}

void Inbox::Load(pg::Tx& tx, Topic topic, const std::set<int32_t>& partitions) {
  pg::Array wanted;
  for (int32_t partition : partitions) wanted.Add(int64_t{partition});
  for (const pg::Row& row : tx.Exec(kLoad, pg::Params(static_cast<int64_t>(topic), wanted))) {
    Source source{row.Text(0), topic, static_cast<int32_t>(row.Int(1))};
    applied_[source] = row.Int(2);
    before_[source] = Row{row.Int(2), row.Int(3)};
  }
}

Verdict Inbox::Judge(const Inbound& inbound, Gap* gap) {
  const auto stopped = stopped_.find({inbound.topic, inbound.partition});
  if (stopped != stopped_.end()) {
    *gap = stopped->second;
    return Verdict::kGap;
  }
  const auto stop = [&](Source source, int64_t from, int64_t to) {
    *gap = Gap{std::move(source), from, to, inbound.kafka_offset};
    stopped_.emplace(std::pair(inbound.topic, inbound.partition), *gap);
    return Verdict::kGap;
  };

  // Bytes without a producer's position: their offset is all that tells them apart.
  const bool placed = inbound.position > 0;
  const Source source{placed ? inbound.producer : "", inbound.topic, inbound.partition};
  const int64_t position = placed ? inbound.position : inbound.kafka_offset + 1;
  const int64_t last = applied_[source];

  if (position <= last) return rules_.drop_duplicates ? Verdict::kDuplicate : Verdict::kApply;
  if (placed && position > last + 1) return stop(source, last + 1, position - 1);
  for (const auto& [producer, cause] : inbound.event.after()) {
    if (producer == self_ || producer == source.producer) continue;
    const int64_t seen = applied_[Source{producer, inbound.topic, inbound.partition}];
    if (seen < cause) return stop(Source{producer, inbound.topic, inbound.partition}, seen + 1, cause);
  }

  applied_[source] = position;
  const auto before = before_.find(source);
  const int64_t known_offset = before == before_.end() ? -1 : before->second.kafka_offset;
  auto& row = after_.try_emplace(source, Row{0, known_offset}).first->second;
  row.position = position;
  row.kafka_offset = std::max(row.kafka_offset, inbound.kafka_offset);
  return Verdict::kApply;
}

absl::Status Inbox::Save(pg::Tx& tx) const {
  pg::Array producers, topics, partitions, positions, offsets, expected;
  pg::Array new_producers, new_topics, new_partitions, new_positions, new_offsets;
  for (const auto& [source, row] : after_) {
    const auto before = before_.find(source);
    const bool is_new = before == before_.end();
    (is_new ? new_producers : producers).Add(source.producer);
    (is_new ? new_topics : topics).Add(static_cast<int64_t>(source.topic));
    (is_new ? new_partitions : partitions).Add(int64_t{source.partition});
    (is_new ? new_positions : positions).Add(row.position);
    (is_new ? new_offsets : offsets).Add(row.kafka_offset);
    if (!is_new) expected.Add(before->second.position);
  }
  size_t moved = 0;
  if (new_producers.size() > 0) {
    moved +=
        tx.Exec(kInsert, pg::Params(new_producers, new_topics, new_partitions, new_positions, new_offsets))
            .affected_rows();
  }
  if (producers.size() > 0) {
    moved += tx.Exec(kUpdate, pg::Params(producers, topics, partitions, positions, offsets, expected))
                 .affected_rows();
  }
  if (rules_.fence && moved != after_.size()) {
    return absl::FailedPreconditionError(
        "fenced: another instance has moved this inbox; its partition is no longer ours");
  }
  return absl::OkStatus();
}

int64_t Inbox::NextOffset(pg::Tx& tx, Topic topic, int32_t partition) {
  return tx.Exec(kNextOffset, pg::Params(static_cast<int64_t>(topic), int64_t{partition}))[0].Int(0);
}

Applied Inbox::All(pg::Tx& tx) {
  Applied all;
  for (const pg::Row& row : tx.Exec(kAll)) {
    all[Source{row.Text(0), static_cast<Topic>(row.Int(1)), static_cast<int32_t>(row.Int(2))}] = row.Int(3);
  }
  return all;
}

}  // namespace lapor::eventlog
