#include "libs/eventlog/backbone_api.h"

#include <charconv>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/eventlog/deadlines.h"
#include "libs/eventlog/quarantine.h"
#include "libs/rpc/auth.h"

namespace lapor::eventlog {
namespace {

using decision::Refuse;
using report::v1::ROLE_MONITOR;
using report::v1::ROLE_OPERATOR;
using report::v1::ROLE_SERVICE;

constexpr int kMaxJournalPage = 1000;
constexpr int kMaxPage = 1000;
constexpr int kDefaultPage = 100;
// With one event of Kafka's largest, well below the 4 MB that gRPC's clients take.
constexpr int64_t kMaxQuarantinePageBytes = 1 << 20;
constexpr size_t kMaxReasonBytes = 500;

const pg::Statement kPositions{"backbone_positions", R"sql(
  SELECT h.topic, h.partition, h.position, c.position
  FROM event_head h JOIN relay_cursor c USING (topic, partition) ORDER BY h.topic, h.partition)sql"};

// The size asked for, or what is wrong with it.
int PageSize(int asked, decision::Refusals& refusals) {
  if (asked < 0 || asked > kMaxPage) refusals.Add("page_size", "is 1 to 1,000", "ask for more pages");
  return asked == 0 ? kDefaultPage : asked;
}

// The number that a page token begins with; `rest` is what follows it. 0 and "" of no token.
int64_t ReadPageToken(const std::string& token, std::string& rest, decision::Refusals& refusals) {
  int64_t number = 0;
  const char* const end = token.data() + token.size();
  const auto read = std::from_chars(token.data(), end, number);
  if (!token.empty() && read.ec != std::errc()) {
    refusals.Add("page_token", "is not one of ours", "send next_page_token of the page before, or none");
  }
  rest.assign(read.ptr, end);
  return number;
}

}  // namespace

rpc::Reactor* BackboneApi::GetPositions(rpc::Context* context, const rpc::Bytes* request,
                                        rpc::Bytes* response) {
  return responder_.Read<backbone::v1::GetPositionsRequest, backbone::v1::GetPositionsResponse>(
      context, request, response,
      [this](const rpc::Call& call,
             const backbone::v1::GetPositionsRequest&) -> absl::StatusOr<backbone::v1::GetPositionsResponse> {
        const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR, ROLE_MONITOR, ROLE_SERVICE});
        if (!allowed.ok()) return allowed;
        backbone::v1::GetPositionsResponse positions;
        positions.set_producer(journal_.producer());
        const absl::Status read = pool_.Read([&](pg::Tx& tx) {
          for (const pg::Row& row : tx.Exec(kPositions)) {
            auto* journal = positions.add_journal();
            journal->set_topic(NameOf(static_cast<Topic>(row.Int(0))));
            journal->set_partition(static_cast<int32_t>(row.Int(1)));
            journal->set_head(row.Int(2));
            journal->set_relayed(row.Int(3));
          }
          for (const auto& [source, position] : Inbox::All(tx)) {
            auto* inbox = positions.add_inbox();
            inbox->set_producer(source.producer);
            inbox->set_topic(NameOf(source.topic));
            inbox->set_partition(source.partition);
            inbox->set_applied(position);
          }
          positions.set_quarantined(CountQuarantined(tx));
          positions.set_blocked_deadlines(CountBlockedDeadlines(tx));
          return absl::OkStatus();
        });
        if (!read.ok()) return read;
        return positions;
      });
}

rpc::Reactor* BackboneApi::ReadJournal(rpc::Context* context, const rpc::Bytes* request,
                                       rpc::Bytes* response) {
  return responder_.Read<backbone::v1::ReadJournalRequest, backbone::v1::ReadJournalResponse>(
      context, request, response,
      [this](const rpc::Call& call, const backbone::v1::ReadJournalRequest& asked)
          -> absl::StatusOr<backbone::v1::ReadJournalResponse> {
        const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR, ROLE_SERVICE});
        if (!allowed.ok()) return allowed;
        const auto topic = TopicNamed(asked.topic());
        decision::Refusals refusals;
        if (!topic) refusals.Add("topic", "is lapor.report.v1 or lapor.agency.v1", "name one of them");
        if (topic && (asked.partition() < 0 || asked.partition() >= journal_.partitioning().count(*topic))) {
          refusals.Add("partition", "is not a partition of the topic", "ask GetPositions for them");
        }
        if (asked.from_position() < 1)
          refusals.Add("from_position", "is at least 1", "positions count from 1");
        if (asked.max_events() < 0 || asked.max_events() > kMaxJournalPage) {
          refusals.Add("max_events", "is 1 to 1,000", "read on with the next position");
        }
        if (!refusals.ok()) return refusals.status();

        backbone::v1::ReadJournalResponse page;
        absl::Status read = pool_.Read([&](pg::Tx& tx) {
          page.Clear();
          page.set_head(Journal::Heads(tx, *topic)[asked.partition()]);
          const int limit = asked.max_events() == 0 ? kMaxJournalPage : asked.max_events();
          for (const JournalRow& row :
               Journal::Read(tx, *topic, asked.partition(), asked.from_position(), limit)) {
            if (!page.add_events()->ParseFromString(row.payload)) {
              return absl::DataLossError("an event of the journal can't be decoded");
            }
          }
          return absl::OkStatus();
        });
        if (!read.ok()) return read;
        if (page.head() >= asked.from_position() &&
            (page.events().empty() || page.events(0).position() != asked.from_position())) {
          return Refuse(absl::StatusCode::kOutOfRange, "from_position",
                        "is older than the journal's retention",
                        "read from the topic, or from a backup of this service's database");
        }
        return page;
      });
}

rpc::Reactor* BackboneApi::ListQuarantine(rpc::Context* context, const rpc::Bytes* request,
                                          rpc::Bytes* response) {
  return responder_.Read<backbone::v1::ListQuarantineRequest, backbone::v1::ListQuarantineResponse>(
      context, request, response,
      [this](const rpc::Call& call, const backbone::v1::ListQuarantineRequest& asked)
          -> absl::StatusOr<backbone::v1::ListQuarantineResponse> {
        const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR});
        if (!allowed.ok()) return allowed;
        decision::Refusals refusals;
        std::string rest;
        const int64_t after = ReadPageToken(asked.page_token(), rest, refusals);
        const int limit = PageSize(asked.page_size(), refusals);
        if (!refusals.ok()) return refusals.status();

        backbone::v1::ListQuarantineResponse page;
        int64_t bytes = 0;
        const absl::Status read = pool_.Read([&](pg::Tx& tx) {
          for (const QuarantineRow& row :
               eventlog::ListQuarantine(tx, after, limit, kMaxQuarantinePageBytes)) {
            bytes += static_cast<int64_t>(row.inbound.value.size());
            auto* item = page.add_items();
            item->set_id(row.id);
            item->set_topic(NameOf(row.inbound.topic));
            item->set_partition(row.inbound.partition);
            item->set_offset(row.inbound.kafka_offset);
            item->set_producer(row.inbound.producer);
            item->set_position(row.inbound.position);
            item->set_subject(row.inbound.subject);
            item->set_reason(row.reason);
            *item->mutable_quarantined_at() = decision::ToProto(row.quarantined_at);
            item->set_value(row.inbound.value);
          }
          return absl::OkStatus();
        });
        if (!read.ok()) return read;
        if (page.items_size() == limit || bytes >= kMaxQuarantinePageBytes) {
          page.set_next_page_token(std::to_string(page.items().rbegin()->id()));
        }
        return page;
      });
}

rpc::Reactor* BackboneApi::ReplayQuarantined(rpc::Context* context, const rpc::Bytes* request,
                                             rpc::Bytes* response) {
  return responder_.Read<backbone::v1::ReplayQuarantinedRequest, backbone::v1::ReplayQuarantinedResponse>(
      context, request, response,
      [this](const rpc::Call& call, const backbone::v1::ReplayQuarantinedRequest& asked)
          -> absl::StatusOr<backbone::v1::ReplayQuarantinedResponse> {
        const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR});
        if (!allowed.ok()) return allowed;
        const absl::StatusOr<int> applied = release_(asked.id(), std::nullopt);
        if (!applied.ok()) return applied.status();
        backbone::v1::ReplayQuarantinedResponse answer;
        answer.set_applied(*applied);
        return answer;
      });
}

rpc::Reactor* BackboneApi::DiscardQuarantined(rpc::Context* context, const rpc::Bytes* request,
                                              rpc::Bytes* response) {
  return responder_.Read<backbone::v1::DiscardQuarantinedRequest, backbone::v1::DiscardQuarantinedResponse>(
      context, request, response,
      [this](const rpc::Call& call, const backbone::v1::DiscardQuarantinedRequest& asked)
          -> absl::StatusOr<backbone::v1::DiscardQuarantinedResponse> {
        const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR});
        if (!allowed.ok()) return allowed;
        if (asked.reason().empty() || asked.reason().size() > kMaxReasonBytes) {
          return Refuse(absl::StatusCode::kInvalidArgument, "reason", "is 1 to 500 characters",
                        "say why the event may be given up; it stays on record");
        }
        const absl::StatusOr<int> applied = release_(asked.id(), asked.reason());
        if (!applied.ok()) return applied.status();
        backbone::v1::DiscardQuarantinedResponse answer;
        answer.set_applied(*applied);
        return answer;
      });
}

rpc::Reactor* BackboneApi::ListBlockedDeadlines(rpc::Context* context, const rpc::Bytes* request,
                                                rpc::Bytes* response) {
  return responder_
      .Read<backbone::v1::ListBlockedDeadlinesRequest, backbone::v1::ListBlockedDeadlinesResponse>(
          context, request, response,
          [this](const rpc::Call& call, const backbone::v1::ListBlockedDeadlinesRequest& asked)
              -> absl::StatusOr<backbone::v1::ListBlockedDeadlinesResponse> {
            const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR});
            if (!allowed.ok()) return allowed;
            decision::Refusals refusals;
            std::string subject;
            const int64_t clock = ReadPageToken(asked.page_token(), subject, refusals);
            const int limit = PageSize(asked.page_size(), refusals);
            if (!refusals.ok()) return refusals.status();

            backbone::v1::ListBlockedDeadlinesResponse page;
            const absl::Status read = pool_.Read([&](pg::Tx& tx) {
              const std::pair after(subject.substr(std::min<size_t>(1, subject.size())),
                                    static_cast<report::v1::Clock>(clock));
              for (const BlockedDeadline& blocked : eventlog::ListBlockedDeadlines(tx, after, limit)) {
                auto* item = page.add_items();
                item->set_subject(blocked.deadline.subject);
                item->set_clock(blocked.deadline.clock);
                *item->mutable_due_at() = decision::ToProto(blocked.deadline.due_at);
                item->set_reason(blocked.reason);
              }
              return absl::OkStatus();
            });
            if (!read.ok()) return read;
            if (page.items_size() == limit) {
              const backbone::v1::BlockedDeadline& last = *page.items().rbegin();
              page.set_next_page_token(fmt::format("{} {}", static_cast<int>(last.clock()), last.subject()));
            }
            return page;
          });
}

rpc::Reactor* BackboneApi::RetryBlockedDeadlines(rpc::Context* context, const rpc::Bytes* request,
                                                 rpc::Bytes* response) {
  return responder_
      .Read<backbone::v1::RetryBlockedDeadlinesRequest, backbone::v1::RetryBlockedDeadlinesResponse>(
          context, request, response,
          [this](const rpc::Call& call, const backbone::v1::RetryBlockedDeadlinesRequest& asked)
              -> absl::StatusOr<backbone::v1::RetryBlockedDeadlinesResponse> {
            const absl::Status allowed = rpc::Require(call.caller, {ROLE_OPERATOR});
            if (!allowed.ok()) return allowed;
            backbone::v1::RetryBlockedDeadlinesResponse answer;
            const absl::Status retried = pool_.Transact([&](pg::Tx& tx) {
              answer.set_retried(eventlog::RetryBlockedDeadlines(tx, asked.subject()));
              return absl::OkStatus();
            });
            if (!retried.ok()) return retried;
            return answer;
          });
}

}  // namespace lapor::eventlog
