#include "libs/eventlog/requests.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sodium.h>

#include <memory>

namespace lapor::eventlog {
namespace {

const pg::Statement kLoad{"requests_load", R"sql(
  SELECT request_id, fingerprint, subject, state, partition, position, decided_at
  FROM request WHERE request_id = ANY($1::text[]))sql"};

const pg::Statement kSave{"requests_save", R"sql(
  INSERT INTO request (request_id, fingerprint, subject, state, partition, position, decided_at)
  SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::timestamptz[]))sql"};

}  // namespace

std::string Fingerprint(const std::string& caller, const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> body(request.New());
  body->CopyFrom(request);
  for (const char* field : {"request_id", "not_before"}) {
    const auto* descriptor = body->GetDescriptor()->FindFieldByName(field);
    if (descriptor != nullptr) body->GetReflection()->ClearField(body.get(), descriptor);
  }
  std::string bytes = caller + '\n';
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    body->SerializeToCodedStream(&coded);
  }
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return hash;
}

std::unordered_map<std::string, Answered> LoadAnswers(pg::Tx& tx, const std::vector<std::string>& ids) {
  std::unordered_map<std::string, Answered> answers;
  if (ids.empty()) return answers;
  pg::Array wanted;
  for (const std::string& id : ids) wanted.Add(id);
  for (const pg::Row& row : tx.Exec(kLoad, pg::Params(wanted))) {
    answers.emplace(row.Text(0), Answered{row.Bytes(1),
                                          {row.Text(2), static_cast<int>(row.Int(3)),
                                           static_cast<int32_t>(row.Int(4)), row.Int(5), row.Time(6)}});
  }
  return answers;
}

void SaveAnswers(pg::Tx& tx, const std::vector<std::pair<std::string, Answered>>& answers) {
  if (answers.empty()) return;
  pg::Array ids, fingerprints, subjects, states, partitions, positions, times;
  for (const auto& [id, answered] : answers) {
    ids.Add(id);
    fingerprints.AddBytes(answered.fingerprint);
    subjects.Add(answered.outcome.subject);
    states.Add(int64_t{answered.outcome.state});
    partitions.Add(int64_t{answered.outcome.partition});
    positions.Add(answered.outcome.position);
    times.Add(answered.outcome.decided_at);
  }
  tx.Exec(kSave, pg::Params(ids, fingerprints, subjects, states, partitions, positions, times));
}

}  // namespace lapor::eventlog
