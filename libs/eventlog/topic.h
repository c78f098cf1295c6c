// The two streams of lapor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lapor::eventlog {

// The numbers stand in the databases: never reuse one.
enum class Topic : int16_t {
  kReport = 1,  // lapor.report.v1: a report's whole life, keyed by report id
  kAgency = 2,  // lapor.agency.v1: the registry, keyed by agency id
};

constexpr const char* NameOf(Topic topic) {
  switch (topic) {
    case Topic::kReport:
      return "lapor.report.v1";
    case Topic::kAgency:
      return "lapor.agency.v1";
  }
  return "";
}

constexpr std::optional<Topic> TopicNamed(std::string_view name) {
  for (Topic topic : {Topic::kReport, Topic::kAgency}) {
    if (name == NameOf(topic)) return topic;
  }
  return std::nullopt;
}

// Who writes to the streams. What says that it comes from anybody else has no place in them.
inline constexpr std::string_view kProducers[] = {"intake", "routing", "followup", "ombudsman", "reporting"};

// How many partitions the topics have. The same in every service, for ever: positions are per partition.
struct Partitioning {
  int32_t report = 16;
  int32_t agency = 1;

  int32_t count(Topic topic) const { return topic == Topic::kReport ? report : agency; }

  // Kafka's own murmur2 of the key, so that stream processors can join on it.
  int32_t Of(Topic topic, std::string_view subject) const;
};

}  // namespace lapor::eventlog
