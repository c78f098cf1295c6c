// lapor-broker: the embedded broker as a process of its own, for the local stack. It listens on a loopback
// port that the system chooses and writes the address to a file; it ends on SIGTERM or SIGINT, and all
// messages with it.
#include <fmt/format.h>
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "libs/kafka/embedded_broker.h"

namespace {

using lapor::kafka::EmbeddedBroker;

// "name:partitions"
std::string CheckTopic(const std::string& text) {
  const size_t colon = text.rfind(':');
  int partitions = 0;
  if (colon != std::string::npos && colon > 0) {
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, partitions);
    if (error == std::errc() && rest == end && partitions >= 1) return {};
  }
  return fmt::format("{} is not NAME:PARTITIONS with at least 1 partition", text);
}

EmbeddedBroker::Topic ToTopic(const std::string& checked) {
  const size_t colon = checked.rfind(':');
  return {checked.substr(0, colon), std::stoi(checked.substr(colon + 1))};
}

// Whoever waits for the file never reads half of it.
bool WriteAtomically(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::path unfinished = path;
  unfinished += ".new";
  std::ofstream file(unfinished, std::ios::trunc);
  file << text << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  return file && !error;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("lapor-broker: an in-memory Kafka broker on loopback, for the local stack.");
  std::vector<std::string> topics;
  std::string address_file;
  app.add_option("--topic", topics, "a topic to create, as NAME:PARTITIONS; may be repeated")
      ->check(CLI::Validator(CheckTopic, "NAME:PARTITIONS"));
  app.add_option("--address-file", address_file, "file to write host:port to once the broker listens");
  CLI11_PARSE(app, argc, argv);

  // Before the broker's threads are started, so that none of them gets the signal instead.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  EmbeddedBroker::Options options;
  for (const std::string& topic : topics) options.topics.push_back(ToTopic(topic));
  const auto broker = EmbeddedBroker::Start(options);
  if (!broker.ok()) {
    fmt::print(stderr, "lapor-broker: {}\n", broker.status().ToString());
    return 1;
  }
  if (!address_file.empty() && !WriteAtomically(address_file, (*broker)->brokers())) {
    fmt::print(stderr, "lapor-broker: cannot write --address-file {}\n", address_file);
    return 1;
  }
  fmt::print("lapor-broker: listening on {}\n", (*broker)->brokers());
  std::fflush(stdout);

  int received = 0;
  sigwait(&ending, &received);
  return 0;
}
