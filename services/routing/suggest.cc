#include "services/routing/suggest.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/report/tracking_id.h"

namespace lapor::routing {
namespace {

using policy::Basis;
using policy::Candidate;

v1::SuggestionBasis ToProto(Basis basis) {
  switch (basis) {
    case Basis::kSubject:
      return v1::SUGGESTION_BASIS_SUBJECT;
    case Basis::kCategory:
      return v1::SUGGESTION_BASIS_CATEGORY;
    case Basis::kOtherCategory:
      return v1::SUGGESTION_BASIS_OTHER_CATEGORY;
    case Basis::kSubcategory:
      return v1::SUGGESTION_BASIS_SUBCATEGORY;
    case Basis::kGovernment:
      return v1::SUGGESTION_BASIS_GOVERNMENT;
    case Basis::kTriage:
      return v1::SUGGESTION_BASIS_TRIAGE;
  }
  return v1::SUGGESTION_BASIS_UNSPECIFIED;
}

v1::PlaceNeeded ToProto(policy::PlaceNeeded place) {
  switch (place) {
    case policy::PlaceNeeded::kNone:
      return v1::PLACE_NEEDED_UNSPECIFIED;
    case policy::PlaceNeeded::kProvince:
      return v1::PLACE_NEEDED_PROVINCE;
    case policy::PlaceNeeded::kRegency:
      return v1::PLACE_NEEDED_REGENCY;
  }
  return v1::PLACE_NEEDED_UNSPECIFIED;
}

void ToProto(const policy::Competence& rules, const Candidate& candidate, v1::Suggestion& suggestion) {
  suggestion.set_agency_id(candidate.agency_id);
  suggestion.set_basis(ToProto(candidate.basis));
  suggestion.set_score(candidate.score);
  suggestion.set_why(rules.Why(candidate));
  if (candidate.rule != nullptr) {
    suggestion.set_rule_id(candidate.rule->id());
    *suggestion.mutable_citation() = candidate.rule->citation();
    suggestion.set_subject_id(candidate.rule->subject());
  }
  if (candidate.category != nullptr) suggestion.set_category(candidate.category->code);
  if (candidate.region != nullptr) suggestion.set_region(candidate.region->code);
  suggestion.mutable_matched_phrases()->Add(candidate.matched_phrases.begin(),
                                            candidate.matched_phrases.end());
  suggestion.set_missing_agency_id(candidate.missing_agency_id);
}

policy::Answer AskOf(const policy::Competence& rules, const policy::Question& question,
                     const Registry& registry) {
  return rules.Ask(question, [&](std::string_view id) {
    const Agency* agency = registry.Find(id);
    return agency != nullptr && !HasEnded(*agency);
  });
}

v1::SuggestRouteResponse ToProto(const policy::Competence& rules, const policy::Answer& answer, int max) {
  v1::SuggestRouteResponse response;
  const auto count = static_cast<int>(answer.candidates.size());
  for (int i = 0; i < count; ++i) {
    const bool last = i == count - 1 && max > 1;
    if (i == 0 || i < max - 1 || last)
      ToProto(rules, answer.candidates[static_cast<size_t>(i)], *response.add_suggestions());
  }
  response.set_place_needed(ToProto(answer.place_needed));
  response.set_category_needed(answer.category_needed);
  response.set_rules_version(rules.version());
  return response;
}

// --- for people

std::string NameOf(const std::string& agency_id, const Registry& registry) {
  if (agency_id == kRootAgencyId) return "the national administrator";
  const Agency* agency = registry.Find(agency_id);
  return agency == nullptr ? agency_id : fmt::format("{} ({})", agency->name(), agency_id);
}

// As "agency admin of Dinas Kesehatan (id.32.73.dinkes)".
std::string NameOf(const Actor& actor, const Registry& registry) {
  constexpr std::string_view kPrefix = "ROLE_";
  if (actor.role() == report::v1::ROLE_SERVICE) return "the suite itself";
  std::string role = report::v1::Role_Name(actor.role()).substr(kPrefix.size());
  std::ranges::transform(role, role.begin(), [](char c) {
    return c == '_' ? ' ' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  const bool national = actor.agency_id().empty() || actor.agency_id() == kRootAgencyId;
  return national ? role : fmt::format("{} of {}", role, NameOf(actor.agency_id(), registry));
}

std::string ReasonOf(ReturnReason reason) {
  switch (static_cast<int>(reason)) {
    case event::v1::RETURN_REASON_OTHER_LEVEL:
      return "another level of government is competent";
    case event::v1::RETURN_REASON_OTHER_AGENCY:
      return "another agency is competent";
    case event::v1::RETURN_REASON_OTHER_REGION:
      return "another region is competent";
    default:
      return "no reason was recorded";
  }
}

std::string WhyChanged(const Handover& handover, const Registry& registry) {
  const std::string by = NameOf(handover.decided_by, registry);
  switch (static_cast<int>(handover.cause)) {
    case v1::HAND_CAUSE_SUBMITTED:
      return "submitted; the national administrator has what nobody else has";
    case v1::HAND_CAUSE_ASSIGNED:
      return fmt::format("assigned by {}{}", by, handover.binding ? ", within an arbiter's decision" : "");
    case v1::HAND_CAUSE_RETURNED:
      return fmt::format("returned by {}: {}", by, ReasonOf(handover.returned_because));
    case v1::HAND_CAUSE_ARBITRATION:
      if (handover.returned_because == event::v1::RETURN_REASON_UNSPECIFIED)
        return fmt::format(
            "passed up by {}, which can't bind the agency that it names; here to decide as arbiter", by);
      return fmt::format("returned by {}: {}; here to decide as arbiter", by,
                         ReasonOf(handover.returned_because));
    case v1::HAND_CAUSE_ARBITRATED:
      return fmt::format("decided by {}, which binds", by);
    case v1::HAND_CAUSE_REOPENED:
      return fmt::format("opened again by {}", by);
    case v1::HAND_CAUSE_RESTORED:
      return "the reporter contested that it was archived, or completed it after all";
    case v1::HAND_CAUSE_CARRIED_OVER:
      return "the agency before has ended; here in its place";
    case v1::HAND_CAUSE_ARCHIVED:
      return fmt::format("archived by {}", by);
    case v1::HAND_CAUSE_WITHDRAWN:
      return "withdrawn by the reporter";
    case v1::HAND_CAUSE_CLOSED:
      return fmt::format("closed by {}", by);
    case v1::HAND_CAUSE_MERGED:
      return fmt::format("merged into another report by {}", by);
    case v1::HAND_CAUSE_UNMERGED:
      return fmt::format("on its own again, as decided by {}", by);
    case v1::HAND_CAUSE_NOT_NEEDED:
      return fmt::format("{} has found that this part isn't needed any more", by);
    default:
      return "who decided was not recorded yet";
  }
}

v1::HandChange ToProto(const Handover& handover) {
  v1::HandChange change;
  change.set_cause(handover.cause);
  change.set_decided_by(handover.decided_by.role());
  change.set_decided_by_agency_id(handover.decided_by.agency_id());
  change.set_return_reason(handover.returned_because);
  change.set_binding(handover.binding);
  return change;
}

// Whether the report is there to be followed up, not to be decided about.
bool FollowsUp(const Handover& handover) {
  return handover.agency_id != kRootAgencyId && handover.cause != v1::HAND_CAUSE_ARBITRATION;
}

// A government is as competent as its units, and they as it; who coordinates several governments is not.
bool IsSame(const std::string& agency_id, const std::string& named_id, const Registry& registry) {
  return agency_id == named_id || registry.IsUnitOf(agency_id, named_id) ||
         registry.IsUnitOf(named_id, agency_id);
}

void SayOf(const std::string& agency_id, const policy::Answer& answer, const policy::Competence& rules,
           const Registry& registry, v1::ExplainedHand& hand) {
  const Candidate& first = answer.candidates.front();
  const bool decided = first.rule != nullptr && first.agency_id != kRootAgencyId &&
                       answer.place_needed == policy::PlaceNeeded::kNone;
  const auto named = std::ranges::find_if(answer.candidates, [&](const Candidate& candidate) {
    if (candidate.rule == nullptr) return false;
    // The government in place of a unit that isn't there speaks for itself, not for its other units.
    if (!candidate.missing_agency_id.empty()) return agency_id == candidate.agency_id;
    return IsSame(agency_id, candidate.agency_id, registry);
  });
  const Candidate* speaks = nullptr;
  std::string says;
  if (named != answer.candidates.end()) {
    const bool by_the_first = decided && named == answer.candidates.begin();
    hand.set_rules_say(by_the_first ? v1::RULES_SAY_COMPETENT : v1::RULES_SAY_POSSIBLE);
    speaks = &*named;
    says = fmt::format("rule {} {}: {}", speaks->rule->id(), by_the_first ? "names it" : "may name it",
                       rules.Why(*speaks));
  } else if (decided) {
    hand.set_rules_say(v1::RULES_SAY_NOT_COMPETENT);
    speaks = &first;
    says = fmt::format("rule {} names {} instead: {}", speaks->rule->id(), NameOf(first.agency_id, registry),
                       rules.Why(first));
  } else {
    hand.set_rules_say(v1::RULES_SAY_UNDECIDED);
    says = answer.place_needed != policy::PlaceNeeded::kNone
               ? "the rules can't tell without the region"
               : (answer.category_needed ? "the rules can't tell without a topic" : "no rule tells");
  }
  if (speaks != nullptr) {
    hand.set_rule_id(speaks->rule->id());
    *hand.mutable_citation() = speaks->rule->citation();
  }
  hand.set_why(fmt::format("{}; {}", hand.why(), says));
}

std::string WhyHere(const Route& route, const Handover& last, const v1::RouteExplanation& explanation,
                    const Registry& registry) {
  const std::string holder = NameOf(route.holder_agency_id, registry);
  switch (static_cast<int>(route.state)) {
    case v1::ROUTE_STATE_AWAITING_TRIAGE:
      return "It waits for triage. Until somebody else has it the national administrator is accountable.";
    case v1::ROUTE_STATE_AWAITING_COMPLETION:
      return fmt::format("It waits for the reporter, who was asked for: {}.",
                         fmt::join(route.completion_fields, ", "));
    case v1::ROUTE_STATE_VERIFIED:
      return "It is verified and waits to be assigned. Until then the national administrator is accountable.";
    case v1::ROUTE_STATE_ASSIGNED:
    case v1::ROUTE_STATE_ACCEPTED: {
      const std::string& why = explanation.hands().empty() ? "" : explanation.hands().rbegin()->why();
      const bool bound_here = !route.bound_agency_id.empty() && !last.binding;
      return fmt::format("{} is accountable: {}.{}", holder, why,
                         bound_here ? " An arbiter has since decided that it stays." : "");
    }
    case v1::ROUTE_STATE_MERGED:
      return fmt::format(
          "It follows {}; whoever has that one is accountable for both.",
          route.lead_report_id.empty() ? "another report" : report::ShowTrackingId(route.lead_report_id));
    case v1::ROUTE_STATE_RETURNED:
      if (route.returned_from.empty())
        return "It follows another report no more. The national administrator assigns it anew.";
      return fmt::format(
          "{} has returned it and names {}. The national administrator assigns it anew.",
          NameOf(route.returned_from, registry),
          route.proposed_agency_id.empty() ? "nobody" : NameOf(route.proposed_agency_id, registry));
    case v1::ROUTE_STATE_IN_ARBITRATION:
      return fmt::format("{} has returned it, return number {}. {} decides as arbiter, and that binds.",
                         NameOf(route.returned_from, registry), route.bounces, holder);
    case v1::ROUTE_STATE_ARCHIVED:
    case v1::ROUTE_STATE_ENDED:
      return fmt::format("Nobody is accountable any more: {}.", WhyChanged(last, registry));
    default:
      return "";
  }
}

}  // namespace

policy::Question QuestionOf(const Route& route) {
  policy::Question question;
  if (!route.category.empty()) question.categories.push_back({route.category});
  if (!route.region.empty()) question.regions.push_back({route.region});
  return question;
}

v1::SuggestRouteResponse Suggest(const policy::Competence& rules, const policy::Question& question,
                                 const Registry& registry, int max) {
  return ToProto(rules, AskOf(rules, question, registry), max);
}

v1::RouteExplanation Explain(const Route& route, const std::vector<Handover>& handovers, v1::Route hands,
                             const policy::Competence& rules, const Registry& registry) {
  const policy::Answer answer = AskOf(rules, QuestionOf(route), registry);
  v1::RouteExplanation explanation;
  int hand = 0;
  for (const Handover& handover : handovers) {
    if (handover.agency_id.empty()) continue;
    v1::ExplainedHand& explained = *explanation.add_hands();
    // GetRoute leaves out the same ones.
    if (hand < hands.hands_size()) *explained.mutable_hand() = hands.hands(hand);
    ++hand;
    *explained.mutable_change() = ToProto(handover);
    explained.set_why(WhyChanged(handover, registry));
    if (FollowsUp(handover)) SayOf(handover.agency_id, answer, rules, registry, explained);
  }
  const Handover last = handovers.empty() ? Handover{} : handovers.back();
  if (!handovers.empty() && last.agency_id.empty()) *explanation.mutable_end() = ToProto(last);
  explanation.set_why(WhyHere(route, last, explanation, registry));
  *explanation.mutable_now() = ToProto(rules, answer, kDefaultSuggestions);
  *explanation.mutable_route() = std::move(hands);
  return explanation;
}

}  // namespace lapor::routing
