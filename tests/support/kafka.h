// A Kafka broker for tests.
//
// By default an embedded broker, a new one for each TestBroker. With LAPOR_BROKER=kafka a real Apache Kafka,
// one for the process: deploy/kafka/kafka.sh starts it on a free port with a folder of its own, and it goes
// away with the process, even if that is killed. LAPOR_KAFKA_BROKERS (host:port) uses a running one instead,
// which can't be stopped.
//
// When Kafka cannot be had the whole process exits with 77, which ctest counts as skipped, after one line
// that says why; with CI=true that is a failure.
#pragma once

#include <memory>
#include <string>

#include "libs/kafka/embedded_broker.h"

namespace lapor::test {

// Everything throws std::runtime_error when the broker refuses. Not thread-safe.
class TestBroker {
 public:
  TestBroker();
  ~TestBroker();
  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  std::string brokers() const;

  // An empty topic with a name that no other test has.
  std::string NewTopic(int partitions = 1);
  // With this name; on a real Kafka it may exist, and be full, from earlier in this process.
  void CreateTopic(const std::string& name, int partitions);

  // For injected faults; null on a real Kafka.
  kafka::EmbeddedBroker* embedded() { return embedded_.get(); }

  // Whether the three below can be done.
  bool OwnsBroker() const;

  // Breaks all connections and refuses new ones; Start takes up again at the same address with the same data.
  void Stop();
  void Start();
  // All topics are gone and the cluster has another id. A real Kafka keeps its address, the embedded broker
  // gets another: ask brokers() again.
  void WipeAndRestart();

 private:
  std::unique_ptr<kafka::EmbeddedBroker> embedded_;
};

}  // namespace lapor::test
