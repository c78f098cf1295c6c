// The first answer to every request, kept for the life of the report: a repeat gets it again, without a
// second effect.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/decision/refusal.h"
#include "libs/pg/pool.h"
#include "libs/rpc/token.h"

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

// A request_id: these lengths, printable ASCII without spaces.
inline constexpr size_t kMinRequestIdCharacters = 8;
inline constexpr size_t kMaxRequestIdCharacters = 64;

// Adds to `refusals` what is wrong with the id of a request of `caller`. One without a token must give a
// random UUID: all of them share their ids, and whoever chose another's would be given that one's answer.
void CheckRequestId(const rpc::Caller& caller, const std::string& request_id, decision::Refusals& refusals);

// The same where the request itself tells who asks.
void CheckRequestId(const std::string& request_id, decision::Refusals& refusals);

// What a request is known by: who asks, and the id that they gave it. So callers who number their requests
// alike don't get each other's answers.
std::string RequestKey(const rpc::Caller& caller, const std::string& request_id);

// The same for requests that are as good as signed by the reporter of `report_id`, through whichever channel.
std::string ReporterRequestKey(const std::string& report_id, const std::string& request_id);

// SHA-256 over the request's type and its body, with request_id and not_before left out, and over `besides`,
// what was taken out of the body: equal for a true repeat only.
std::string Fingerprint(const google::protobuf::Message& request, const std::string& besides = "");

// Those of `keys` that have been answered.
std::unordered_map<std::string, Answered> LoadAnswers(pg::Tx& tx, const std::vector<std::string>& keys);

// By key. Fails with a unique violation when another instance has answered one of them meanwhile.
void SaveAnswers(pg::Tx& tx, const std::vector<std::pair<std::string, Answered>>& answers);

}  // namespace lapor::eventlog
