// The first answer to every request, kept for the life of the report: a repeat gets it again, without a
// second effect.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/pg/pool.h"

namespace lapor::eventlog {

// What came of a request; the API forms its response from it.
struct Outcome {
  std::string subject;
  int state = 0;  // of the subject afterwards: the service's own enum
  int32_t partition = 0;
  int64_t position = 0;  // of the last event it caused; with the partition, the token to read one's write by
  absl::Time decided_at;
};

struct Answered {
  std::string fingerprint;
  Outcome outcome;
};

// SHA-256 over the caller and the request, with request_id and not_before left out: equal for a true repeat
// only.
std::string Fingerprint(const std::string& caller, const google::protobuf::Message& request);

// Those of `ids` that have been answered.
std::unordered_map<std::string, Answered> LoadAnswers(pg::Tx& tx, const std::vector<std::string>& ids);

// Fails with a unique violation when another instance has answered one of them meanwhile.
void SaveAnswers(pg::Tx& tx, const std::vector<std::pair<std::string, Answered>>& answers);

}  // namespace lapor::eventlog
