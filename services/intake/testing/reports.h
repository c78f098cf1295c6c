// Reports and events for intake's tests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "services/intake/domain.h"
#include "services/intake/likeness.h"

namespace lapor::intake {

// The environment's LAPOR_SOURCE_DIR, which ctest sets. Throws std::runtime_error.
std::filesystem::path SourceDir();

// Of its deploy/policy and deploy/reference. Throw std::runtime_error.
std::shared_ptr<const policy::Policy> ShippedPolicy();
std::shared_ptr<const Vocabulary> ShippedVocabulary();

// As "2025-03-03 09:00", in UTC.
absl::Time At(const std::string& text);

// A complaint with all that a report may have.
v1::NewReport FullReport();
v1::Identity FullIdentity();
report::v1::Attachment Photo();

// Of another service, about a report; the caller sets the payload.
event::v1::Event EventOf(const std::string& producer, const std::string& occurred_at = "2025-03-04 10:00");

// A report as it lives: takes commands, keeps what came of them. Times are At's.
class Story {
 public:
  static constexpr char kId[] = "7K3M9QXT2B54";
  // Another report, which it follows when it is merged.
  static constexpr char kLeadId[] = "2B547K3M9QXT";

  // A submitted report; its receipt's hash is proof().
  explicit Story(v1::NewReport report = FullReport(), bool with_identity = true);
  // One that nobody has submitted.
  static Story Untold();

  const std::string& proof() const { return proof_; }
  const Report& report() const { return report_; }
  // What the last command came to.
  const decision::Decision<Report, Record>& last() const { return last_; }

  // Carries it out; a refusal leaves the story as it was.
  absl::Status Tell(const Command& command, const std::string& now = "2025-03-05 12:00");

  // Puts the report in this status, as only a test may.
  Story& Force(report::v1::ReportStatus status);
  Story& Force(v1::EscalationStatus escalation);

  // The commands with this report's proof.
  CompleteReport Completion() const;
  ReplyToReport Reply(const std::string& text) const;
  ReactToResponse Reaction(bool satisfied) const;
  ContestArchive Contest(const std::string& text) const;
  WithdrawReport Withdrawal() const { return {.proof = proof_}; }
  AddAttachment Attaching() const { return {.proof = proof_, .attachment = Photo()}; }
  RequestEscalation Escalation(const std::string& sealed_identity = "") const;

 private:
  struct Nothing {};
  explicit Story(Nothing) {}

  std::string proof_ = std::string(32, 'p');
  Report report_;
  decision::Decision<Report, Record> last_;
};

// One of each kind, in the order of CommandKind, with this report's proof.
std::vector<Command> OneOfEach(const Story& story);

// The rows of one type that the last command added.
template <class Row>
std::vector<Row> RowsOf(const Story& story) {
  std::vector<Row> rows;
  for (const Record& record : story.last().records) {
    if (const Row* row = std::get_if<Row>(&record)) rows.push_back(*row);
  }
  return rows;
}

}  // namespace lapor::intake
