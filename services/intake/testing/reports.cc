#include "services/intake/testing/reports.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "libs/decision/proto_time.h"
#include "services/intake/subscriber.h"

namespace lapor::intake {

using event::v1::Event;

std::filesystem::path SourceDir() {
  const char* source = std::getenv("LAPOR_SOURCE_DIR");
  if (source == nullptr) throw std::runtime_error("LAPOR_SOURCE_DIR is not set; run the test with ctest");
  return source;
}

std::shared_ptr<const Vocabulary> ShippedVocabulary() {
  static const auto vocabulary = [] {
    auto loaded = Vocabulary::Load(SourceDir() / "deploy/reference", runtime::Secret(std::string(32, 's')));
    if (!loaded.ok()) throw std::runtime_error(loaded.status().ToString());
    return *loaded;
  }();
  return vocabulary;
}

std::shared_ptr<const policy::Policy> ShippedPolicy() {
  static const auto policy = [] {
    const std::filesystem::path root = SourceDir();
    auto loaded = policy::Policy::Load(root / "deploy/policy", root / "deploy/reference");
    if (!loaded.ok()) throw std::runtime_error(loaded.status().ToString());
    return *loaded;
  }();
  return policy;
}

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M", text, &time, &error)) throw std::runtime_error(text + ": " + error);
  return time;
}

report::v1::Attachment Photo() {
  report::v1::Attachment photo;
  photo.set_sha256(std::string(64, 'a'));
  photo.set_size_bytes(120'000);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://files.example.id/4711.jpg");
  return photo;
}

v1::Identity FullIdentity() {
  v1::Identity identity;
  identity.set_name("Siti Aminah");
  identity.set_nik("3273014107900001");
  identity.set_phone("+6281234567890");
  identity.set_email("siti@example.id");
  identity.set_address("Jalan Braga 1\nBandung");
  return identity;
}

v1::NewReport FullReport() {
  v1::NewReport report;
  report.set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  report.set_supervision(true);
  report.set_channel(report::v1::CHANNEL_MOBILE);
  report.set_title("Jalan berlubang");
  report.set_description("Lubang besar di depan pasar.\nSudah tiga bulan.");
  report.set_category("roads.regency");
  report.set_region("32.73");
  report.set_confidential(true);
  *report.add_attachments() = Photo();
  return report;
}

Event EventOf(const std::string& producer, const std::string& occurred_at) {
  Event event;
  event.set_event_id("5b0d7f4e-0a52-4c5e-9f6c-0f8a3c1c9f10");
  event.set_subject(Story::kId);
  event.set_producer(producer);
  event.set_position(3);
  *event.mutable_occurred_at() = decision::ToProto(At(occurred_at));
  return event;
}

Story::Story(v1::NewReport report, bool with_identity) {
  report_.id = kId;
  SubmitReport submission;
  submission.actor.set_role(report::v1::ROLE_CHANNEL);
  submission.report = std::make_shared<v1::NewReport>(std::move(report));
  if (with_identity) submission.sealed_identity = "sealed";
  submission.receipt_hash = proof_;
  if (const auto status = Tell(submission, "2025-03-03 09:00"); !status.ok()) {
    throw std::runtime_error(status.ToString());
  }
}

Story Story::Untold() {
  Story story{Nothing()};
  story.report_.id = kId;
  return story;
}

absl::Status Story::Tell(const Command& command, const std::string& now) {
  auto decided = Decide(report_, command, At(now), *ShippedPolicy());
  if (!decided.ok()) return decided.status();
  last_ = *std::move(decided);
  report_ = last_.next;
  return absl::OkStatus();
}

Story& Story::Force(report::v1::ReportStatus status) {
  report_.status = status;
  if (status == report::v1::REPORT_STATUS_AWAITING_COMPLETION) report_.completion_fields = {"description"};
  if (status == report::v1::REPORT_STATUS_MERGED) {
    report_.lead_report_id = kLeadId;
    report_.status_before_merge = report::v1::REPORT_STATUS_VERIFIED;
  }
  if (status == report::v1::REPORT_STATUS_ARCHIVED) report_.contest_until = At("2025-04-01 00:00");
  if (status == report::v1::REPORT_STATUS_CLOSED) report_.reopen_until = At("2025-04-01 00:00");
  return *this;
}

Story& Story::Force(v1::EscalationStatus escalation) {
  report_.escalation = escalation;
  return *this;
}

CompleteReport Story::Completion() const {
  CompleteReport completion;
  completion.proof = proof_;
  return completion;
}

ReplyToReport Story::Reply(const std::string& text) const {
  return {.proof = proof_, .message_id = "11111111-2222-4333-8444-555555555555", .text = text};
}

ReactToResponse Story::Reaction(bool satisfied) const {
  return {.proof = proof_,
          .satisfied = satisfied,
          .rating = satisfied ? 5 : 1,
          .message_id = "11111111-2222-4333-8444-555555555556",
          .text = satisfied ? "" : "Belum diperbaiki."};
}

ContestArchive Story::Contest(const std::string& text) const {
  return {.proof = proof_, .message_id = "11111111-2222-4333-8444-555555555557", .text = text};
}

RequestEscalation Story::Escalation(const std::string& sealed_identity) const {
  return {.proof = proof_, .sealed_identity = sealed_identity, .name_secret = true, .declarations = {}};
}

std::vector<Command> OneOfEach(const Story& story) {
  SubmitReport submission;
  submission.report = std::make_shared<v1::NewReport>(FullReport());
  submission.receipt_hash = story.proof();
  CompleteReport completion = story.Completion();
  completion.description = "Di depan toko nomor 12.";
  const Event event = EventOf("routing");
  return {submission,
          completion,
          story.Reply("Terima kasih."),
          story.Reaction(true),
          story.Contest("Perkaranya sudah selesai."),
          RequestReopening{.proof = story.proof(),
                           .message_id = "11111111-2222-4333-8444-555555555558",
                           .text = "Lubangnya kembali.",
                           .reason = event::v1::DISSATISFACTION_REASON_NOT_RESOLVED},
          AppealClosing{.proof = story.proof(),
                        .message_id = "11111111-2222-4333-8444-555555555559",
                        .text = "Jawabannya tidak benar.",
                        .reason = event::v1::DISSATISFACTION_REASON_UNTRUE},
          story.Withdrawal(),
          story.Attaching(),
          story.Escalation("sealed"),
          MarkVerified{event},
          MarkAwaitingCompletion{event},
          MarkArchived{event},
          MarkRestored{event},
          MarkAssigned{event},
          MarkReturned{event},
          MarkInProcess{event},
          MarkAnswered{event},
          MarkClosed{event},
          MarkReopened{event},
          MarkQuestionAsked{event},
          MarkQuestionEnded{event},
          MarkClockMoved{event},
          MarkAppealDecided{event},
          MarkMerged{event},
          MarkUnmerged{event},
          MarkChildAssigned{event},
          MarkChildReleased{event},
          MarkEscalationOpened{event},
          MarkRapidResponse{event},
          MarkEscalationClosed{event},
          NoteEvent{event}};
}

}  // namespace lapor::intake
