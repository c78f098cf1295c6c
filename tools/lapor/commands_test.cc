// The command line as people use it: what it says on standard output and standard error.
#include "tools/lapor/commands.h"

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <sstream>

#include "libs/kafka/embedded_broker.h"
#include "libs/kafka/producer.h"
#include "libs/report/tracking_id.h"

namespace lapor::client {
namespace {

using Catch::Contains;
using Strings = std::vector<std::string>;

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// What a stream gets while this lives.
class Captured {
 public:
  explicit Captured(std::ostream& stream) : stream_(stream), real_(stream.rdbuf(text_.rdbuf())) {}
  ~Captured() { stream_.rdbuf(real_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* real_;
};

Outcome Run(const Strings& words) {
  std::vector<const char*> argv = {"lapor"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  const Captured out(std::cout);
  const Captured err(std::cerr);
  CommandLine line;
  AddCommands(line);
  const int exit_code = line.Run(static_cast<int>(argv.size()), argv.data());
  return {exit_code, out.text(), err.text()};
}

TEST_CASE("a word that is no command is named, and is wrong usage") {
  const Outcome alone = Run({"frobnicate"});
  CHECK(alone.exit_code == 2);
  CHECK_THAT(alone.err, Contains("'frobnicate'") && Contains("lapor --help"));
  CHECK_THAT(Run({"registry", "frobnicate"}).err, Contains("'frobnicate'"));
  CHECK_THAT(Run({}).err, Contains("subcommand is required"));
}

TEST_CASE("protobuf doesn't speak on standard error") {
  Run({"--help"});
  CHECK(google::protobuf::SetLogHandler(nullptr) == nullptr);
}

TEST_CASE("every tracking id that people are shown as an example is valid") {
  const char* source = std::getenv("LAPOR_SOURCE_DIR");
  REQUIRE(source != nullptr);
  const std::filesystem::path root = source;
  const std::regex id(R"(\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b(?!-))");
  int found = 0;
  for (const char* folder : {"tools/lapor", "proto", "docs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path());
      const std::string text(std::istreambuf_iterator<char>(file), {});
      for (std::sregex_iterator at(text.begin(), text.end(), id), end; at != end; ++at) {
        INFO(entry.path() << ": " << at->str());
        CHECK(report::ReadTrackingId(at->str()).fault == report::TrackingIdFault::kNone);
        ++found;
      }
    }
  }
  CHECK(found > 10);
}

TEST_CASE("events of a report that can't exist are refused, not found to be none") {
  for (const Strings& words : {Strings{"events", "--report", "foo"},
                               Strings{"events", "--report", "7K3M9QXT2B55", "--brokers", "127.0.0.1:1"},
                               Strings{"events", "--report", "7K3M-9QXT-2B54", "--topic", "agency"}}) {
    const Outcome outcome = Run(words);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains("--report: "));
  }
}

TEST_CASE("what a replay or a retry is to be of is asked for before any service is") {
  const Outcome none = Run({"quarantine", "replay", "followup"});
  CHECK(none.exit_code != 0);
  CHECK_THAT(none.err, Contains("ID") && Contains("--all"));
  CHECK(Run({"quarantine", "replay", "followup", "1", "--all"}).exit_code == 2);
  CHECK(Run({"quarantine", "replay", "followup", "1", "--reason", "no calendar"}).exit_code == 2);
  CHECK_THAT(Run({"deadlines", "retry", "followup", "--report", "foo"}).err, Contains("--report: "));
}

TEST_CASE("a message that is no event is shown, or told as skipped when only some are asked for") {
  const auto broker = kafka::EmbeddedBroker::Start({.topics = {{"lapor.report.v1", 4}}});
  REQUIRE(broker.ok());
  const std::string brokers = (*broker)->brokers();
  const auto producer = kafka::Producer::Create({.brokers = brokers});
  REQUIRE(producer.ok());
  REQUIRE((*producer)
              ->Send({{.topic = "lapor.report.v1", .partition = 3, .key = "k", .value = "no event"}})
              .ok());

  const Outcome all = Run({"events", "--brokers", brokers});
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.out, Contains(R"("partition":3,"offset":0,"undecodable":)"));
  CHECK(all.err.empty());

  const Outcome some = Run({"events", "--brokers", brokers, "--type", "CaseClosed"});
  CHECK(some.exit_code == 0);
  CHECK(some.out.empty());
  CHECK_THAT(some.err, Contains("skipped lapor.report.v1/3 offset 0: not a lapor.event.v1.Event"));
}

TEST_CASE("the rules of competence are checked without any service, and mistakes are told with their line") {
  const std::filesystem::path deploy = std::filesystem::path(std::getenv("LAPOR_SOURCE_DIR")) / "deploy";
  const Strings reference = {"--reference-dir", (deploy / "reference").string()};
  const auto check = [&](const std::filesystem::path& policy) {
    return Run({"rules", "check", "--policy-dir", policy.string(), "--reference-dir", reference[1]});
  };
  CHECK(check(deploy / "policy").exit_code == 0);

  const std::filesystem::path broken =
      std::filesystem::temp_directory_path() / ("lapor-rules-" + std::to_string(getpid()));
  std::filesystem::copy(deploy / "policy", broken);
  std::ofstream(broken / "competence.textproto", std::ios::app)
      << "rule { id: \"again\" category: \"land\" national: \"id.atrbpn\" citation { instrument: \"x\" "
         "confidence: CONFIDENCE_UNVERIFIED } }\n";
  const Outcome contradiction = check(broken);
  std::filesystem::remove_all(broken);
  CHECK(contradiction.exit_code != 0);
  CHECK_THAT(contradiction.err, Contains("rule 'again' contradicts rule 'land' of line "));
}

TEST_CASE("commands say what they need, and have examples") {
  for (const auto& [words, missing] : {std::pair(Strings{"split", "7K3M-9QXT-2B54"}, "--to"),
                                       {Strings{"merge", "7K3M-9QXT-2B54"}, "--into"},
                                       {Strings{"unsplit"}, "ID"},
                                       {Strings{"unmerge"}, "ID"},
                                       {Strings{"duplicates"}, "ID"},
                                       {Strings{"followers"}, "ID"},
                                       {Strings{"ask-reopening", "7K3M-9QXT-2B54"}, "--secret"},
                                       {Strings{"appeal", "7K3M-9QXT-2B54", "--secret", "x"}, "--reason"},
                                       {Strings{"answer", "7K3M-9QXT-2B54", "final"}, "--template"},
                                       {Strings{"delegate", "7K3M-9QXT-2B54"}, "--to"},
                                       {Strings{"decide-appeal", "7K3M-9QXT-2B54"}, "--text"},
                                       {Strings{"note", "7K3M-9QXT-2B54"}, "--text"},
                                       {Strings{"notes"}, "ID"},
                                       {Strings{"record-template", "selesai"}, "--title"},
                                       {Strings{"remove-template"}, "ID"}}) {
    CAPTURE(words.front());
    const Outcome outcome = Run(words);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains(missing));
    CHECK_THAT(Run({words.front(), "--help"}).out, Contains("Examples:\n  lapor " + words.front() + " "));
  }
}

TEST_CASE("the Ombudsman's commands say what they need, and have examples") {
  for (const auto& [words, missing] :
       {std::pair(Strings{"preview"}, "ID"),
        {Strings{"rapid", "7K3M-9QXT-2B54"}, "--reason"},
        {Strings{"transfer", "7K3M-9QXT-2B54", "--reason", "x"}, "OFFICE"},
        {Strings{"issue", "7K3M-9QXT-2B54", "--text", "x"}, "KIND"},
        {Strings{"deliver"}, "NUMBER"},
        {Strings{"reply-document", "7K3M9QXT2B54-1/03"}, "--text"},
        {Strings{"documents"}, "ID"},
        {Strings{"compliance", "7K3M-9QXT-2B54", "--text", "x"}, "COMPLIANCE"}}) {
    CAPTURE(words.front());
    const Outcome outcome = Run(words);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, Contains(missing));
    CHECK_THAT(Run({words.front(), "--help"}).out, Contains("Examples:\n  lapor " + words.front() + " "));
  }
  for (const char* wrong : {"within-authority", "within-authority=maybe:x", "authority=no:x", "=no:x"}) {
    CAPTURE(wrong);
    const Outcome outcome = Run({"check", "7K3M-9QXT-2B54", "--judge", wrong});
    CHECK(outcome.exit_code != 0);
    CHECK_THAT(outcome.err, Contains("--judge: is GROUND=yes:REASON"));
  }
}

TEST_CASE("a suggestion for a report that can't exist is refused before any service is asked") {
  const Outcome outcome = Run({"suggest", "foo"});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.err, Contains("ID"));
}

}  // namespace
}  // namespace lapor::client
