// SuggestRoute and ExplainRoute.
#include <string>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/utf8.h"
#include "libs/report/assignment_id.h"
#include "libs/rpc/auth.h"
#include "services/routing/api.h"
#include "services/routing/clocks.h"
#include "services/routing/suggest.h"
#include "services/routing/suggest_text.h"

namespace lapor::routing {
namespace {

using decision::Refusals;

constexpr int kMaxSubjectWords = 50;
constexpr int kMaxSubjectWordCharacters = 100;

void CheckWords(const v1::SuggestRouteRequest& request, Refusals& refusals) {
  if (request.subject_words_size() > kMaxSubjectWords) {
    refusals.Add("subject_words", fmt::format("are more than {}", kMaxSubjectWords),
                 "give those that tell the subject");
    return;
  }
  for (int i = 0; i < request.subject_words_size(); ++i) {
    if (decision::Inspect(request.subject_words(i)).characters > kMaxSubjectWordCharacters) {
      refusals.Add(fmt::format("subject_words[{}]", i),
                   fmt::format("is longer than {} characters", kMaxSubjectWordCharacters),
                   "give a word or a phrase, not the whole text");
    }
  }
}

// What is asked about instead of what is recorded.
policy::Question Replace(policy::Question question, const v1::SuggestRouteRequest& request) {
  if (!request.category().empty()) question.categories = {{request.category()}};
  if (!request.region().empty()) question.regions = {{request.region()}};
  question.words.assign(request.subject_words().begin(), request.subject_words().end());
  return question;
}

}  // namespace

rpc::Reactor* Api::SuggestRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::SuggestRouteRequest, v1::SuggestRouteResponse>(
      context, request, response, parts_.visibility.NotBefore<v1::SuggestRouteRequest>(),
      [this](const rpc::Call& call, const v1::SuggestRouteRequest& r) { return SuggestFor(call, r); });
}

absl::StatusOr<v1::SuggestRouteResponse> Api::SuggestFor(const rpc::Call& call,
                                                         const v1::SuggestRouteRequest& request) {
  if (auto status = rpc::Require(call.caller, kRouteReaders); !status.ok()) return status;
  Refusals refusals;
  if (!request.category().empty() && parts_.policy->FindCategory(request.category()) == nullptr)
    refusals.Add("category", "is not a known category", "give a code of categories.csv");
  if (!request.region().empty() && parts_.policy->FindRegion(request.region()) == nullptr)
    refusals.Add("region", "is not a known region", "give a code of regions.csv");
  CheckWords(request, refusals);
  if (request.max_suggestions() < 0 || request.max_suggestions() > kMaxSuggestions) {
    refusals.Add("max_suggestions", "is out of range",
                 fmt::format("give 1 to {}, or 0 for {}", kMaxSuggestions, kDefaultSuggestions));
  }
  if (request.read_text() && request.report_id().empty())
    refusals.Add("report_id", "is required to read a text", "name the report, or leave read_text out");
  if (!refusals.ok()) return refusals.status();
  if (request.read_text()) {
    if (auto status = rpc::Require(call.caller, {report::v1::ROLE_TRIAGE}); !status.ok()) return status;
  }

  policy::Question question;
  std::string report_id;
  if (!request.report_id().empty()) {
    const auto readable = FindReadable(call.caller, request.report_id());
    if (!readable.ok()) return readable.status();
    question = QuestionOf(readable->route);
    // The words are those of the whole.
    report_id = report::ParseAssignmentId(readable->route.id).report_id;
  }
  question = Replace(std::move(question), request);
  const int max = request.max_suggestions() == 0 ? kDefaultSuggestions : request.max_suggestions();
  if (!request.read_text()) return Suggest(*parts_.competence, question, *parts_.registry->Current(), max);

  const absl::StatusOr<std::string> text = parts_.ask_text(report_id, call.traceparent);
  if (!text.ok()) return text.status();
  return SuggestByText(*parts_.competence, std::move(question), *parts_.reader, *text,
                       *parts_.registry->Current(), max);
}

rpc::Reactor* Api::ExplainRoute(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return parts_.responder.ReadWhen<v1::ExplainRouteRequest, v1::RouteExplanation>(
      context, request, response, parts_.visibility.NotBefore<v1::ExplainRouteRequest>(),
      [this](const rpc::Call& call,
             const v1::ExplainRouteRequest& r) -> absl::StatusOr<v1::RouteExplanation> {
        const auto readable = FindReadable(call.caller, r.report_id());
        if (!readable.ok()) return readable.status();
        const auto registry = parts_.registry->Current();
        v1::RouteExplanation explanation =
            Explain(readable->route, readable->handovers, ToProto(readable->route, readable->handovers),
                    *parts_.competence, *registry);
        for (v1::RouteClock& clock :
             ExplainClocks(readable->route, readable->handovers, *parts_.policy, *registry))
          *explanation.add_clocks() = std::move(clock);
        return explanation;
      });
}

}  // namespace lapor::routing
