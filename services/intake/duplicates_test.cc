#include "services/intake/duplicates.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "libs/decision/refusal.h"
#include "libs/pg/migrate.h"
#include "libs/pg/pool.h"
#include "libs/report/tracking_id.h"
#include "migrations/intake.h"
#include "services/intake/store.h"
#include "services/intake/subscriber.h"
#include "services/intake/testing/counter.h"
#include "services/intake/testing/reports.h"
#include "tests/support/postgres.h"

namespace lapor::intake {
namespace {

constexpr char kBridge[] = "Jembatan di atas Sungai Ciliwung di Bukit Duri retak dan pagarnya patah.";
constexpr char kBridgeBySms[] = "jmbtn ciliwung bukit duri udh retak pak, pager nya patah. tlg dicek";
constexpr char kLight[] = "Lampu di Gang Mawar mati, gelap gulita.";

struct Told {
  std::string text;
  std::string region = "32.73";
  std::string category = "roads.regency";
  std::string at = "2025-03-03 09:00";
};

// Reports as intake keeps them.
class Files {
 public:
  Files() { REQUIRE(pg::Migrate(pool_, migrations::intake()).ok()); }

  std::string File(const Told& told) {
    Report report;
    report.id = report::NewTrackingId();
    SubmitReport submission;
    auto given = std::make_shared<v1::NewReport>();
    given->set_title("Laporan");
    given->set_description(told.text);
    given->set_region(told.region);
    given->set_category(told.category);
    submission.report = given;
    submission.receipt_hash = std::string(32, 'r');
    submission.word_keys = KeysOf(told.text);
    reports_[report.id] = report;
    Tell(report.id, submission, told.at);
    return report.id;
  }

  // Carries the command out and keeps what it came to.
  void Tell(const std::string& id, const Command& command, const std::string& at = "2025-03-04 09:00") {
    auto decided = Decide(reports_.at(id), command, At(at), *ShippedPolicy());
    REQUIRE(decided.status().ToString() == "OK");
    reports_[id] = decided->next;
    const absl::Status kept = pool_.Transact([&](pg::Tx& tx) {
      Save(tx, {&decided->next});
      Append(tx, decided->records);
      return absl::OkStatus();
    });
    REQUIRE(kept.ToString() == "OK");
  }

  void TellEvent(const std::string& id, const std::function<void(event::v1::Event&)>& set) {
    event::v1::Event event = EventOf("routing");
    set(event);
    Tell(id, *OnEvent(event));
  }

  void Merge(const std::string& id, const std::string& lead_id) {
    TellEvent(id, [&](auto& event) { event.mutable_report_merged()->set_lead_report_id(lead_id); });
  }

  std::vector<v1::DuplicateCandidate> Candidates(const std::string& id, size_t max_candidates = 50) {
    std::vector<v1::DuplicateCandidate> candidates;
    const absl::Status read = pool_.Read([&](pg::Tx& tx) {
      candidates =
          FindDuplicates(tx, *Find(tx, id), *ShippedVocabulary(), At("2025-03-10 09:00"), max_candidates);
      return absl::OkStatus();
    });
    REQUIRE(read.ToString() == "OK");
    return candidates;
  }

  // Their ids, the likeliest first.
  std::vector<std::string> Ids(const std::string& id) {
    std::vector<std::string> ids;
    for (const auto& candidate : Candidates(id))
      ids.push_back(report::ReadTrackingId(candidate.tracking_id()).id);
    return ids;
  }

  // How many reports its words find in this regency.
  size_t CountAlike(const std::string& text, const std::string& regency) {
    std::vector<AskedKey> keys;
    for (const int64_t key : KeysOf(text))
      keys.push_back({InScope(key, regency), static_cast<int>(keys.size()), 1.0});
    size_t count = 0;
    const absl::Status read = pool_.Read([&](pg::Tx& tx) {
      count = FindAlike(tx, "nobody", keys, At("2025-01-01 00:00"), At("2025-03-10 09:00")).size();
      return absl::OkStatus();
    });
    REQUIRE(read.ToString() == "OK");
    return count;
  }

  static std::vector<int64_t> KeysOf(const std::string& text) {
    const Vocabulary& vocabulary = *ShippedVocabulary();
    return vocabulary.WordKeys(vocabulary.TellingWords("", text, kKeyWords));
  }

  pg::Pool& pool() { return pool_; }
  const test::TestDatabase& database() const { return database_; }

 private:
  test::TestDatabase database_;
  pg::Pool pool_{{.conninfo = database_.conninfo()}};
  std::map<std::string, Report> reports_;
};

using Ids = std::vector<std::string>;

TEST_CASE("a report of the same is found though it is worded otherwise, and another matter is not") {
  Files files;
  const std::string asked = files.File({kBridge});
  const std::string same = files.File({.text = kBridgeBySms, .category = "", .at = "2025-03-06 09:00"});
  files.File({.text = kLight, .category = "roads.lighting"});
  const auto candidates = files.Candidates(asked);
  REQUIRE(candidates.size() == 1);
  const v1::DuplicateCandidate& found = candidates[0];
  CHECK(found.tracking_id() == report::ShowTrackingId(same));
  CHECK(found.score() > kLeastScore);
  CHECK(found.text_likeness() > 0.5);
  CHECK(found.shared_words(0) == "ciliwung");
  CHECK(found.shared_region() == "32.73");
  CHECK_FALSE(found.same_category());
  CHECK(found.seconds_apart() == 3 * 24 * 3600);
  CHECK(found.status() == report::v1::REPORT_STATUS_RECEIVED);
  CHECK(found.received_at().seconds() == absl::ToUnixSeconds(At("2025-03-06 09:00")));
  CHECK(found.why().find("3 days apart") != std::string::npos);
  CHECK(files.Ids(same) == Ids{asked});
}

TEST_CASE("a report whose place isn't told finds those whose is, and they find it") {
  Files files;
  const std::string placed = files.File({.text = kBridge, .region = "32.73.01"});
  const std::string unplaced = files.File({.text = kBridgeBySms, .region = ""});
  CHECK(files.Ids(placed) == Ids{unplaced});
  CHECK(files.Ids(unplaced) == Ids{placed});
}

TEST_CASE("a report of another regency is a candidate only if it reads the same") {
  Files files;
  const std::string asked = files.File({kBridge});
  files.File({.text = "Jembatan retak dan pagarnya patah.", .region = "33.01"});
  const std::string misplaced = files.File({.text = kBridge, .region = "33.01"});
  CHECK(files.Ids(asked) == Ids{misplaced});
}

TEST_CASE("closed reports are candidates; withdrawn, archived and old ones are not") {
  Files files;
  const std::string asked = files.File({kBridge});
  const std::string closed = files.File({kBridge});
  event::v1::Event event = EventOf("followup");
  event.mutable_case_closed();
  files.Tell(closed, MarkClosed{event});
  const std::string withdrawn = files.File({kBridge});
  files.Tell(withdrawn, WithdrawReport{.proof = std::string(32, 'r')});
  const std::string archived = files.File({kBridge});
  files.TellEvent(archived, [](auto& e) { e.mutable_report_archived(); });
  files.File({.text = kBridge, .at = "2024-08-01 09:00"});
  const auto candidates = files.Candidates(asked);
  REQUIRE(candidates.size() == 1);
  CHECK(candidates[0].tracking_id() == report::ShowTrackingId(closed));
  CHECK(candidates[0].status() == report::v1::REPORT_STATUS_CLOSED);
}

TEST_CASE("a report of months ago is found by its words") {
  Files files;
  const std::string asked = files.File({kBridge});
  const std::string months_ago =
      files.File({.text = kBridgeBySms, .category = "health", .at = "2024-10-01 09:00"});
  CHECK(files.Ids(asked) == Ids{months_ago});
}

TEST_CASE("a merged report stands for its lead, once, however the lead is worded") {
  Files files;
  const std::string asked = files.File({kBridge});
  const std::string lead =
      files.File({.text = "Laporan kerusakan prasarana", .category = "roads", .at = "2025-02-01 09:00"});
  CHECK(files.Ids(asked).empty());
  for (int i = 0; i < 3; ++i) files.Merge(files.File({kBridgeBySms}), lead);
  const auto candidates = files.Candidates(asked);
  REQUIRE(candidates.size() == 1);
  CHECK(candidates[0].tracking_id() == report::ShowTrackingId(lead));
  CHECK(candidates[0].received_at().seconds() == absl::ToUnixSeconds(At("2025-02-01 09:00")));
  CHECK(candidates[0].shared_words_size() > 0);
  CHECK(candidates[0].status() == report::v1::REPORT_STATUS_RECEIVED);
}

TEST_CASE("reports that follow each other are no candidates of each other any more") {
  Files files;
  const std::string lead = files.File({kBridge});
  const std::string follower = files.File({kBridgeBySms});
  const std::string sibling = files.File({kBridgeBySms});
  files.Merge(follower, lead);
  files.Merge(sibling, lead);
  CHECK(files.Ids(lead).empty());
  CHECK(files.Ids(follower).empty());
}

TEST_CASE("the newest of a place and topic are looked at though not a word is shared") {
  Files files;
  const std::string asked = files.File({.text = kBridge, .region = "32.73.01"});
  const std::string near = files.File({.text = "Plengsengan ambrol", .region = "32.73.01"});
  files.File({.text = "Plengsengan ambrol", .region = "32.73.02"});
  CHECK(files.Ids(asked) == Ids{near});
}

TEST_CASE("a corrected place is followed, by words that were added as well") {
  Files files;
  const std::string id = files.File({.text = kBridge, .region = "33.01"});
  CHECK(files.CountAlike(kBridge, "33.01") == 1);
  CHECK(files.CountAlike(kBridge, "32.73") == 0);
  files.TellEvent(id, [](auto& e) { e.mutable_completion_requested()->add_fields("description"); });
  const std::string more = "Dekat Masjid Baiturrahim.";
  CompleteReport completion;
  completion.proof = std::string(32, 'r');
  completion.description = more;
  completion.word_keys = Files::KeysOf(more);
  files.Tell(id, completion);
  CHECK(files.CountAlike(more, "33.01") == 1);
  files.TellEvent(id, [](auto& e) { e.mutable_report_verified()->set_region("32.73.01"); });
  CHECK(files.CountAlike(more, "32.73") == 1);
  CHECK(files.CountAlike(kBridge, "32.73") == 1);
  const std::string asked = files.File({kBridgeBySms});
  CHECK(files.Ids(asked) == Ids{id});
}

TEST_CASE("however many have the same words, so many rows are read and the newest count") {
  Files files;
  const std::string asked = files.File({kBridge});
  const absl::Status filled = files.pool().Transact([&](pg::Tx& tx) {
    tx.Run(fmt::format(
        "INSERT INTO likeness SELECT period, key, received_at + n * interval '1 second', 'copy' || "
        "n FROM likeness, "
        "generate_series(1, 300) n WHERE report_id = '{}'",
        asked));
    return absl::OkStatus();
  });
  REQUIRE(filled.ToString() == "OK");
  std::vector<AskedKey> keys;
  for (const int64_t key : Files::KeysOf(kBridge))
    keys.push_back({InScope(key, "32.73"), static_cast<int>(keys.size()), 1.0});
  const absl::Status read = files.pool().Read([&](pg::Tx& tx) {
    const auto found = FindAlike(tx, asked, keys, At("2025-01-01 00:00"), At("2025-03-10 09:00"));
    CHECK(found.size() == static_cast<size_t>(std::min(kMaxAlike, kMaxReportsOfKey)));
    for (const std::string& id : found) CHECK(std::stoi(id.substr(4)) > 300 - kMaxReportsOfKey);
    return absl::OkStatus();
  });
  CHECK(read.ToString() == "OK");
}

TEST_CASE("a report from before it was found by words finds others all the same") {
  Files files;
  const std::string old = files.File({kBridge});
  const std::string later = files.File({.text = kBridgeBySms, .category = "health"});
  files.database().Query("DELETE FROM likeness WHERE report_id = '" + old + "'");
  files.database().Query("UPDATE words SET keys = '{}' WHERE report_id = '" + old + "'");
  CHECK(files.Ids(old) == Ids{later});
  CHECK(files.Ids(later).empty());
}

// --- Over gRPC ---

using Stub = v1::Intake::Stub;

v1::SubmitReportResponse Filed(Counter& counter, const std::string& text) {
  v1::SubmitReportRequest request;
  static int number = 0;
  request.set_request_id(fmt::format("5d41402a-bc4b-4a76-b971-{:012}", ++number));
  *request.mutable_report() = FullReport();
  request.mutable_report()->set_anonymous(true);
  request.mutable_report()->set_description(text);
  const auto filed = Ask(counter, &Stub::SubmitReport, request);
  REQUIRE(filed.status().ToString() == "OK");
  return *filed;
}

TEST_CASE("triage and services ask for candidates, and nobody else") {
  Counter counter;
  const auto first = Filed(counter, kBridge);
  const auto second = Filed(counter, kBridgeBySms);
  v1::ListDuplicateCandidatesRequest request;
  request.set_tracking_id(second.tracking_id());
  *request.add_not_before() = second.token();
  for (const report::v1::Role role : {report::v1::ROLE_TRIAGE, report::v1::ROLE_SERVICE}) {
    const auto listed = Ask(counter, &Stub::ListDuplicateCandidates, request, counter.As(role));
    REQUIRE(listed.status().ToString() == "OK");
    REQUIRE(listed->candidates_size() == 1);
    CHECK(listed->candidates(0).tracking_id() == first.tracking_id());
  }
  for (const report::v1::Role role :
       {report::v1::ROLE_OFFICER, report::v1::ROLE_AGENCY_ADMIN, report::v1::ROLE_ARBITER,
        report::v1::ROLE_MONITOR, report::v1::ROLE_ANALYST, report::v1::ROLE_OPERATOR,
        report::v1::ROLE_CHANNEL, report::v1::ROLE_OMBUDSMAN}) {
    CAPTURE(role);
    const bool of_agency = role == report::v1::ROLE_OFFICER || role == report::v1::ROLE_AGENCY_ADMIN;
    CHECK(Ask(counter, &Stub::ListDuplicateCandidates, request, counter.As(role, of_agency ? "id.32.73" : ""))
              .status()
              .code() == absl::StatusCode::kPermissionDenied);
  }
  CHECK(Ask(counter, &Stub::ListDuplicateCandidates, request).status().code() ==
        absl::StatusCode::kUnauthenticated);
}

TEST_CASE("as many candidates are told as were asked for, ten without a number") {
  Counter counter;
  const auto asked = Filed(counter, kBridge);
  for (int i = 0; i < 12; ++i) Filed(counter, kBridge);
  const auto list = [&](int max_candidates) {
    v1::ListDuplicateCandidatesRequest request;
    request.set_tracking_id(asked.tracking_id());
    request.set_max_candidates(max_candidates);
    return Ask(counter, &Stub::ListDuplicateCandidates, request, counter.As(report::v1::ROLE_TRIAGE));
  };
  CHECK(list(0)->candidates_size() == 10);
  CHECK(list(3)->candidates_size() == 3);
  CHECK(list(50)->candidates_size() == 12);
  for (const int wrong : {-1, 51}) {
    const auto refused = list(wrong);
    CHECK(refused.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(decision::BadInputOf(refused.status())->violations(0).field() == "max_candidates");
  }
}

TEST_CASE("candidates of a report that isn't there, or isn't visible yet, are not told") {
  Counter counter;
  const auto filed = Filed(counter, kBridge);
  v1::ListDuplicateCandidatesRequest request;
  const auto list = [&] {
    return Ask(counter, &Stub::ListDuplicateCandidates, request, counter.As(report::v1::ROLE_TRIAGE))
        .status();
  };
  request.set_tracking_id(report::NewTrackingId());
  CHECK(list().code() == absl::StatusCode::kNotFound);
  CHECK(decision::BadInputOf(list())->violations(0).field() == "tracking_id");
  request.set_tracking_id("nonsense");
  CHECK(list().code() == absl::StatusCode::kInvalidArgument);
  request.set_tracking_id(filed.tracking_id());
  *request.add_not_before() = counter.NextToken(filed.tracking_id(), "routing");
  CHECK(list().code() == absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace lapor::intake
