#include "tests/support/kafka.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "libs/kafka/cluster.h"

namespace lapor::test {
namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;
constexpr int kUnobtainable = 3;  // exit code of kafka.sh

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

[[noreturn]] void SkipProcess(const std::string& reason) {
  if (Environment("CI") == "true") throw std::runtime_error(reason);
  std::cerr << "SKIPPED: " << reason << std::endl;
  std::_Exit(kSkipped);
}

void MustBeOk(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// Two ports that are free now, both held until both are known.
std::array<int, 2> FreePorts() {
  std::array<int, 2> ports{};
  std::array<int, 2> sockets{};
  for (size_t i = 0; i < ports.size(); ++i) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(sockets[i], generic, size) != 0 || getsockname(sockets[i], generic, &size) != 0)
      throw std::runtime_error("no free port on 127.0.0.1");
    ports[i] = ntohs(address.sin_port);
  }
  for (const int socket : sockets) close(socket);
  return ports;
}

// The real Kafka of this process.
class RealKafka {
 public:
  static RealKafka& Get() {
    static RealKafka kafka;
    return kafka;
  }

  const std::string& brokers() const { return brokers_; }
  bool owned() const { return !folder_.empty(); }

  // Runs a verb of kafka.sh.
  void Run(const std::string& verb) const {
    const int status = std::system(Command(verb).c_str());
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    std::ostringstream said;
    said << std::ifstream(folder_ / "said").rdbuf();
    if (WIFEXITED(status) && WEXITSTATUS(status) == kUnobtainable) SkipProcess(said.str());
    throw std::runtime_error(fmt::format("kafka.sh {}: {}", verb, said.str()));
  }

 private:
  RealKafka() : brokers_(Environment("LAPOR_KAFKA_BROKERS")) {
    if (!brokers_.empty()) return;
    std::string folder = fs::temp_directory_path() / "lapor-kafka-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("cannot make " + folder);
    folder_ = folder;
    ports_ = FreePorts();
    brokers_ = fmt::format("127.0.0.1:{}", ports_[0]);
    StartUndertaker();
    Run("start");
  }

  std::string Command(const std::string& verb) const {
    return fmt::format(
        "LAPOR_KAFKA_DIR='{}' LAPOR_KAFKA_PORT={} LAPOR_KAFKA_CONTROLLER_PORT={} '{}' {} >'{}' 2>&1",
        folder_.string(), ports_[0], ports_[1], LAPOR_KAFKA_SH, verb, (folder_ / "said").string());
  }

  // A process of its own that waits for the end of this one, however it comes, on a pipe whose other end only
  // this one holds; then it stops the broker and removes the folder. setsid takes it out of the reach of a
  // ctest that kills the tree of a test that hangs.
  void StartUndertaker() const {
    std::array<int, 2> life{};
    if (pipe(life.data()) != 0) throw std::runtime_error("no pipe");
    fcntl(life[1], F_SETFD, FD_CLOEXEC);  // never closed: the kernel does that
    const std::string script =
        fmt::format("cat <&{}\n{}\nrm -rf '{}'\n", life[0], Command("stop"), folder_.string());
    const fs::path file = folder_ / "undertaker.sh";
    std::ofstream(file) << script;
    if (std::system(fmt::format("setsid --fork bash '{}' >/dev/null 2>&1", file.string()).c_str()) != 0)
      throw std::runtime_error("setsid failed");
    close(life[0]);
  }

  fs::path folder_;
  std::array<int, 2> ports_{};
  std::string brokers_;
};

std::unique_ptr<kafka::EmbeddedBroker> NewEmbedded() {
  auto broker = kafka::EmbeddedBroker::Start({});
  MustBeOk(broker.status());
  return *std::move(broker);
}

const RealKafka& OwnedKafka() {
  const RealKafka& kafka = RealKafka::Get();
  if (!kafka.owned()) throw std::runtime_error("the broker of LAPOR_KAFKA_BROKERS is not ours to stop");
  return kafka;
}

}  // namespace

TestBroker::TestBroker() {
  const std::string kind = Environment("LAPOR_BROKER");
  if (kind == "kafka") {
    RealKafka::Get();
  } else if (kind.empty() || kind == "embedded") {
    embedded_ = NewEmbedded();
  } else {
    throw std::runtime_error("LAPOR_BROKER=" + kind + ": it is embedded or kafka");
  }
}

TestBroker::~TestBroker() = default;

std::string TestBroker::brokers() const {
  return embedded_ ? embedded_->brokers() : RealKafka::Get().brokers();
}

std::string TestBroker::NewTopic(int partitions) {
  static std::atomic<int> count = 0;
  // The time, because brokers of LAPOR_KAFKA_BROKERS outlive the process and its number.
  std::string name = fmt::format("test-{}-{}-{}", std::chrono::system_clock::now().time_since_epoch().count(),
                                 getpid(), ++count);
  CreateTopic(name, partitions);
  return name;
}

void TestBroker::CreateTopic(const std::string& name, int partitions) {
  if (embedded_) return MustBeOk(embedded_->CreateTopic({name, partitions}));
  const auto cluster = kafka::Cluster::Create({.brokers = brokers()});
  MustBeOk(cluster.status());
  MustBeOk((*cluster)->EnsureTopic(name, partitions, /*replication=*/1, absl::InfiniteDuration()));
}

bool TestBroker::OwnsBroker() const { return embedded_ || RealKafka::Get().owned(); }

void TestBroker::Stop() { embedded_ ? embedded_->SetDown(true) : OwnedKafka().Run("stop"); }

void TestBroker::Start() { embedded_ ? embedded_->SetDown(false) : OwnedKafka().Run("start"); }

void TestBroker::WipeAndRestart() {
  if (embedded_) {
    embedded_ = NewEmbedded();
  } else {
    OwnedKafka().Run("wipe");
    OwnedKafka().Run("start");
  }
}

}  // namespace lapor::test
