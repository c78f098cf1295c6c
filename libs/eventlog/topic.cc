#include "libs/eventlog/topic.h"

#include "libs/kafka/message.h"

namespace lapor::eventlog {

int32_t Partitioning::Of(Topic topic, std::string_view subject) const {
  return kafka::PartitionOf(subject, count(topic));
}

}  // namespace lapor::eventlog
