#include "libs/eventlog/requests.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sodium.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace lapor::eventlog {
namespace {

const pg::Statement kLoad{"requests_load", R"sql(
  SELECT key, fingerprint, subject, state, partition, position, decided_at
  FROM request WHERE key = ANY($1::text[]))sql"};

const pg::Statement kSave{"requests_save", R"sql(
  INSERT INTO request (key, fingerprint, subject, state, partition, position, decided_at)
  SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::timestamptz[]))sql"};

constexpr char kNewUuidEach[] = "make a new UUID for each request, and keep it for repeats of the same one";

// A random one, RFC 4122 version 4: the others can be guessed.
bool IsRandomUuid(std::string_view id) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(id, kForm, [](char c, char form) {
    if (form != 'x') return c == form;
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

}  // namespace

void CheckRequestId(const std::string& request_id, decision::Refusals& refusals) {
  const bool printable = std::ranges::all_of(request_id, [](char c) { return c > ' ' && c < 0x7F; });
  if (printable && request_id.size() >= kMinRequestIdCharacters &&
      request_id.size() <= kMaxRequestIdCharacters) {
    return;
  }
  refusals.Add("request_id",
               fmt::format("must have {} to {} printable ASCII characters without spaces",
                           kMinRequestIdCharacters, kMaxRequestIdCharacters),
               kNewUuidEach);
}

void CheckRequestId(const rpc::Caller& caller, const std::string& request_id, decision::Refusals& refusals) {
  if (!caller.anonymous()) return CheckRequestId(request_id, refusals);
  if (IsRandomUuid(request_id)) return;
  refusals.Add("request_id", "must be a random UUID (version 4) of a caller without a token", kNewUuidEach);
}

// A request_id has no spaces, so that no two askers can make the same key.
std::string RequestKey(const rpc::Caller& caller, const std::string& request_id) {
  if (caller.anonymous()) return fmt::format("anyone {}", request_id);
  return fmt::format("token {} {}", caller.subject, request_id);
}

std::string ReporterRequestKey(const std::string& report_id, const std::string& request_id) {
  return fmt::format("reporter {} {}", report_id, request_id);
}

std::string Fingerprint(const google::protobuf::Message& request, const std::string& besides) {
  std::unique_ptr<google::protobuf::Message> body(request.New());
  body->CopyFrom(request);
  for (const char* field : {"request_id", "not_before"}) {
    const auto* descriptor = body->GetDescriptor()->FindFieldByName(field);
    if (descriptor != nullptr) body->GetReflection()->ClearField(body.get(), descriptor);
  }
  std::string bytes = fmt::format("{}\n{}\n", request.GetTypeName(), besides);
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

std::unordered_map<std::string, Answered> LoadAnswers(pg::Tx& tx, const std::vector<std::string>& keys) {
  std::unordered_map<std::string, Answered> answers;
  if (keys.empty()) return answers;
  pg::Array wanted;
  for (const std::string& key : keys) wanted.Add(key);
  for (const pg::Row& row : tx.Exec(kLoad, pg::Params(wanted))) {
    answers.emplace(row.Text(0), Answered{row.Bytes(1),
                                          {row.Text(2), static_cast<int>(row.Int(3)),
                                           static_cast<int32_t>(row.Int(4)), row.Int(5), row.Time(6)}});
  }
  return answers;
}

void SaveAnswers(pg::Tx& tx, const std::vector<std::pair<std::string, Answered>>& answers) {
  if (answers.empty()) return;
  pg::Array keys, fingerprints, subjects, states, partitions, positions, times;
  for (const auto& [key, answered] : answers) {
    keys.Add(key);
    fingerprints.AddBytes(answered.fingerprint);
    subjects.Add(answered.outcome.subject);
    states.Add(int64_t{answered.outcome.state});
    partitions.Add(int64_t{answered.outcome.partition});
    positions.Add(answered.outcome.position);
    times.Add(answered.outcome.decided_at);
  }
  tx.Exec(kSave, pg::Params(keys, fingerprints, subjects, states, partitions, positions, times));
}

}  // namespace lapor::eventlog
