#include "tools/lapor/render.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/report/assignment_id.h"
#include "libs/telling/terms.h"

namespace lapor::client {
namespace {

using decision::FromProto;
using telling::CountOf;
using telling::Joined;
using telling::Label;
using telling::Word;

constexpr size_t kTextWidth = 100;

size_t CharactersOf(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// Words in lines of at most kTextWidth characters, each behind `indent`.
std::string Wrap(const std::string& text, const std::string& indent) {
  std::string lines;
  std::string line;
  const auto end_line = [&] {
    lines += indent + line + '\n';
    line.clear();
  };
  std::string word;
  for (const char c : text + '\n') {
    if (c != ' ' && c != '\n') {
      word += c;
      continue;
    }
    if (!line.empty() && CharactersOf(line) + 1 + CharactersOf(word) > kTextWidth) end_line();
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::exchange(word, "");
    if (c == '\n') end_line();
  }
  return lines;
}

std::string ActorOf(const event::v1::Event& event) {
  const report::v1::Actor& actor = event.actor();
  // The reporter's word caused these; they are nobody's act themselves.
  const bool follows = actor.role() == report::v1::ROLE_REPORTER &&
                       (event.has_escalation_opened() || event.has_escalation_stage_reached());
  if (actor.role() == report::v1::ROLE_SERVICE || follows) return "the system";
  const std::string role = Word(actor.role());
  return actor.agency_id().empty() ? role : fmt::format("{} {}", role, actor.agency_id());
}

using Timeline = google::protobuf::RepeatedPtrField<event::v1::Event>;

std::string ShowTimeline(const Timeline& timeline, const std::map<std::string, std::string>& words,
                         const Zone& zone, const AgencyName& name) {
  size_t actor_width = 0;
  for (const event::v1::Event& event : timeline) actor_width = std::max(actor_width, ActorOf(event).size());
  std::string text;
  for (const event::v1::Event& event : timeline) {
    const std::string time = ShowTime(FromProto(event.occurred_at()), zone);
    // Whose zone a clock runs in, an agency's or an office's, doesn't matter: Wib() tells the last day of
    // all.
    text +=
        fmt::format("  {}  {:<{}}  {}\n", time, ActorOf(event), actor_width, Describe(event, Wib(), name));
    const auto found = words.find(telling::MessageIdOf(event));
    const std::string said = found == words.end() ? "" : found->second;
    if (!said.empty()) text += Wrap('"' + said + '"', std::string(time.size() + actor_width + 8, ' '));
  }
  return text;
}

// The days that don't count, each by its date: those that have a name on lines of their own, then the
// weekends.
std::string ShowSkipped(const policy::v1::Explanation& why) {
  std::string text;
  std::vector<std::string> weekends;
  for (const policy::v1::SkippedDay& day : why.skipped()) {
    if (day.reason() == policy::v1::SKIP_REASON_WEEKEND) {
      weekends.push_back(day.date());
    } else {
      text += fmt::format("      {} {}\n", day.date(), day.name().empty() ? Label(day.reason()) : day.name());
    }
  }
  if (weekends.empty()) return text;
  const std::string count = CountOf(std::ssize(weekends), "day of weekends", "days of weekends");
  return text + Wrap(fmt::format("{}: {}", count, Joined(weekends, ", ")), "      ");
}

// Whose zone the days of a clock are those of.
const char* WhoseDays(report::v1::Clock clock) {
  if (clock == report::v1::CLOCK_VERIFICATION || clock == report::v1::CLOCK_COMPLETION)
    return "the place that it is about";
  return clock == report::v1::CLOCK_DELIVERY ? "the agency" : "the first agency";
}

std::string ShowExplanation(const policy::v1::Explanation& why, const Zone& zone) {
  const policy::v1::Citation& citation = why.term().citation();
  const Zone days = ZoneOf(why.time_zone());
  const absl::Time started_at = FromProto(why.started_at());
  std::string text = fmt::format("    {} {} from {}, {}\n", why.term().amount(), Label(why.term().unit()),
                                 Label(why.starts()), ShowTime(started_at, zone));
  text +=
      fmt::format("    source: {}{}{} [{}]\n", citation.instrument(), citation.article().empty() ? "" : ", ",
                  citation.article(), Label(citation.confidence()));
  text += fmt::format("    policy {}, calendar {}, days of {} (the zone of {})\n", why.policy_version(),
                      fmt::join(why.calendar_version(), " and "), days.name, WhoseDays(why.clock()));
  text += fmt::format("    not counted:\n      {} the day on which it started\n",
                      absl::FormatTime("%Y-%m-%d", started_at, days.time_zone));
  return text + ShowSkipped(why);
}

// A due date that was told stands, even when a decree has amended the calendar since.
template <class Clock>
std::string ShowAmended(const Clock& clock) {
  const absl::Time by_now = FromProto(clock.explanation().due_at());
  if (by_now == FromProto(clock.due_at())) return "";
  return fmt::format("    by the calendars of today it would be by {}; what was told stands\n",
                     ShowLastDay(by_now, Wib()));
}

// When a clock ends, how it stands, and day by day why.
template <class Clock>
std::string ShowClock(const Clock& clock, const std::string& state, const Zone& zone) {
  std::string text = fmt::format("\n  {}: by {}; {}\n", Label(clock.clock()),
                                 ShowLastDay(FromProto(clock.due_at()), Wib()), state);
  if (clock.has_explanation()) text += ShowExplanation(clock.explanation(), zone) + ShowAmended(clock);
  return text;
}

// A merged report's clocks run on.
bool IsOver(const routing::v1::Route& route) {
  return route.state() == routing::v1::ROUTE_STATE_ARCHIVED ||
         route.state() == routing::v1::ROUTE_STATE_ENDED;
}

// Of the verification clock, which the first assignment meets; "" where it stopped before that.
std::string VerificationOf(const routing::v1::Route& route) {
  if (!route.has_verification_due_at()) return "";
  const std::string day = ShowLastDay(FromProto(route.verification_due_at()), Wib());
  if (route.verification_overdue()) return fmt::format("by {}, RAN OUT (lewat waktu)", day);
  if (route.hops() > 0) return fmt::format("met in time (tepat waktu), was due by {}", day);
  return IsOver(route) ? "" : "by " + day;
}

// Of the way to the agency's own application; "" where it has none.
std::string DeliveryOf(const routing::v1::Delivery& delivery, const Zone& zone) {
  if (delivery.state() == routing::v1::DELIVERY_STATE_UNSPECIFIED) return "";
  const std::string due = ShowLastDay(FromProto(delivery.due_at()), Wib());
  if (delivery.state() == routing::v1::DELIVERY_STATE_PENDING) return "may acknowledge it by " + due;
  if (!delivery.has_acknowledged_at())
    return "FELL BACK (lewat waktu) to the people of the agency: was due by " + due;
  const std::string done = ShowTime(FromProto(delivery.acknowledged_at()), zone);
  if (delivery.state() == routing::v1::DELIVERY_STATE_ACKNOWLEDGED) return "acknowledged (diterima) " + done;
  return fmt::format("acknowledged late (terlambat) {}, was due by {}", done, due);
}

// How the report fares that another one follows.
std::string ShowLead(const intake::v1::LeadProgress& lead, const Zone& zone, const AgencyName& name) {
  std::map<std::string, std::string> words;
  for (const auto& response : lead.responses()) words[response.response_id()] = response.text();
  const std::string id = lead.tracking_id().empty() ? "" : ShowReportId(lead.tracking_id()) + "  ";
  return fmt::format("\nThe report that it follows (laporan induk): {}{}{}\n", id, Label(lead.status()),
                     lead.agency_id().empty() ? "" : ", with " + name(lead.agency_id())) +
         ShowTimeline(lead.timeline(), words, zone, name);
}

// How a clock stands, and who was told of it.
std::string StateOf(const followup::v1::CaseClock& clock, const Zone& zone) {
  std::string state = "runs";
  if (clock.has_met_at()) state = "met " + ShowTime(FromProto(clock.met_at()), zone);
  if (clock.has_breached_at()) state = "RAN OUT" + (clock.has_met_at() ? ", " + state : "");
  if (clock.reminded_percent() > 0)
    state += fmt::format("; reminded (pengingat) at {}%", clock.reminded_percent());
  if (clock.raised_levels() > 0) {
    state += fmt::format("; raised (ke atasan) {}",
                         CountOf(clock.raised_levels(), "level above the holder", "levels above the holder"));
  }
  return state;
}

std::string StateOf(const routing::v1::RouteClock& clock, bool stopped, const Zone& zone) {
  std::string state = stopped ? "stopped" : "runs";
  if (clock.has_met_at()) state = "met " + ShowTime(FromProto(clock.met_at()), zone);
  if (clock.breached()) state = "RAN OUT" + (clock.has_met_at() ? ", " + state : "");
  return state;
}

std::string AppealOf(const followup::v1::Appeal& appeal, const Zone& zone, const AgencyName& name) {
  const std::string supervisor = name(appeal.supervisor_agency_id());
  if (!appeal.has_decided_at()) {
    return fmt::format("with {}, to be decided by {}", supervisor,
                       ShowLastDay(FromProto(appeal.due_at()), Wib()));
  }
  return fmt::format("{} by {}, {}", appeal.granted() ? "granted (dikabulkan)" : "dismissed (ditolak)",
                     supervisor, ShowTime(FromProto(appeal.decided_at()), zone));
}

// A child assignment, as its route or its case has it, in a line.
template <class Part>
std::string ShowPart(const Part& part, const std::string& agency_id, const AgencyName& name) {
  return fmt::format("{}  {}{}{}", ShowReportId(part.report_id()), Label(part.state()),
                     agency_id.empty() ? "" : ", with " + name(agency_id),
                     part.category().empty() ? "" : ", category " + part.category());
}

std::string When(const google::protobuf::Timestamp& time, const Zone& zone) {
  return ShowTime(FromProto(time), zone) + ' ' + zone.name;
}

// When a clock of the Ombudsman's ends: the last day in time, of whichever office it runs in; where lives are
// in danger, in hours, the time.
// What runs out next, or else what has run out and still waits: "Fri 2025-07-04 clarification, OVERDUE".
std::string ShowNextDue(const ombudsman::v1::Escalation& e, const Zone& zone) {
  const ombudsman::v1::Clock* next = nullptr;
  for (const ombudsman::v1::Clock& clock : e.clocks()) {
    if (clock.has_met_at()) continue;
    // A request that was not answered in time has another after it: that one counts.
    const auto order = [](const ombudsman::v1::Clock& c) {
      return std::pair(c.has_breached_at(), FromProto(c.due_at()));
    };
    if (!next || order(clock) < order(*next)) next = &clock;
  }
  if (!next || e.has_closed_at()) return "";
  const bool waits = !next->has_breached_at() || e.overdue();
  if (!waits) return "";
  return fmt::format("{} {}{}", ShowDue(next->clock(), FromProto(next->due_at()), zone), Word(next->clock()),
                     next->has_breached_at() ? ", OVERDUE" : "");
}

std::string ShowClock(const ombudsman::v1::Clock& clock, const Zone& zone) {
  std::string text =
      fmt::format("{}: by {}", Label(clock.clock()), ShowDue(clock.clock(), FromProto(clock.due_at()), zone));
  if (!clock.document_number().empty()) text += " of " + clock.document_number();
  if (clock.has_breached_at()) text += ", RAN OUT";
  if (clock.has_met_at()) text += ", met " + When(clock.met_at(), zone);
  return text;
}

std::string ShowVerdict(const event::v1::GroundVerdict& verdict) {
  const std::string basis = Label(verdict.basis());
  return Label(verdict.ground()) + (basis.empty() ? "" : ", " + basis);
}

}  // namespace

// --- times

// --- tables

std::string Shorten(const std::string& text, size_t max_characters) {
  if (CharactersOf(text) <= max_characters) return text;
  std::string start;
  size_t characters = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && ++characters == max_characters) break;
    start += c;
  }
  return start + "…";
}

std::string Table::ToString() const {
  std::vector<size_t> widths;
  bool indonesian = false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = std::max(CharactersOf(columns_[i].english), CharactersOf(columns_[i].indonesian));
    for (const auto& row : rows_) {
      if (!row.empty()) width = std::max(width, CharactersOf(row[i]));
    }
    widths.push_back(width);
    indonesian = indonesian || !columns_[i].indonesian.empty();
  }
  std::string text;
  const auto add = [&](const auto& cell_of) {
    std::string line;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string padding(widths[i] - std::min(widths[i], CharactersOf(cell)), ' ');
      line += (i == 0 ? "" : "  ") + (columns_[i].align == Align::kRight ? padding + cell : cell + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add([&](size_t i) { return columns_[i].english; });
  if (indonesian) add([&](size_t i) { return columns_[i].indonesian; });
  const auto rule = [&](size_t i) { return std::string(widths[i], '-'); };
  add(rule);
  for (const auto& row : rows_) row.empty() ? add(rule) : add([&](size_t i) { return row[i]; });
  return text;
}

// --- reports

std::string ShowReport(const intake::v1::Report& report, const Zone& zone, const AgencyName& name) {
  std::string text = fmt::format("{}  {}\n", ShowReportId(report.tracking_id()), Label(report.status()));
  const auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12}{}\n", label, value);
  };
  line("title", report.title());
  text += Wrap(report.description(), std::string(14, ' '));
  std::vector<std::string> kind = {Label(report.report_class())};
  if (report.supervision()) kind.emplace_back("with supervision content (berkadar pengawasan)");
  if (report.anonymous()) kind.emplace_back("anonymous (anonim)");
  if (report.confidential()) kind.emplace_back("confidential (rahasia)");
  line("class", Joined(kind, ", "));
  line("channel", Label(report.channel()));
  line("category", report.category());
  line("region", report.region());
  if (!report.agency_id().empty()) line("with", name(report.agency_id()));
  line("reporter", report.reporter_name());
  line("Ombudsman", Label(report.escalation()));
  if (!report.completion_fields().empty()) {
    line("to complete", fmt::format("{}, by {}", fmt::join(report.completion_fields(), ", "),
                                    ShowLastDay(FromProto(report.completion_due_at()), Wib())));
  }
  const auto by = [](const google::protobuf::Timestamp& due_at) {
    return "by " + ShowLastDay(FromProto(due_at), Wib());
  };
  if (report.has_question_due_at())
    line("to answer", "the agency's question, " + by(report.question_due_at()));
  if (report.has_reopen_until()) line("to reopen", "or to appeal, " + by(report.reopen_until()));
  for (const auto& attachment : report.attachments()) {
    line("attachment",
         fmt::format("{}, {} bytes, {}", attachment.media_type(), attachment.size_bytes(), attachment.uri()));
  }
  text += fmt::format("\nTimeline (riwayat), times in {}; a due date is the last day in time\n", zone.name);
  std::map<std::string, std::string> words;
  for (const auto& message : report.messages()) words[message.message_id()] = message.text();
  for (const auto& response : report.responses()) words[response.response_id()] = response.text();
  text += ShowTimeline(report.timeline(), words, zone, name);
  if (report.responses_unavailable())
    text += "  The words of the answers can't be had just now; ask again in a moment.\n";
  if (report.has_lead()) text += ShowLead(report.lead(), zone, name);
  return text;
}

std::string ShowCase(const followup::v1::Case& c, const Zone& zone, const AgencyName& name) {
  std::string text = fmt::format("{}  {}\n", ShowReportId(c.report_id()), Label(c.state()));
  const auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<16}{}\n", label, value);
  };
  const auto time = [&](bool has, const google::protobuf::Timestamp& at) {
    return has ? ShowTime(FromProto(at), zone) + ' ' + zone.name : "";
  };
  line("with", c.agency_id().empty() ? "no agency" : name(c.agency_id()));
  line("class",
       Label(c.report_class()) + (c.supervision() ? ", with supervision content (berkadar pengawasan)" : ""));
  line("category", c.category());
  line("region", c.region());
  line("received", time(c.has_received_at(), c.received_at()));
  line("opened", time(c.has_opened_at(), c.opened_at()));
  line("first answered", time(c.has_first_responded_at(), c.first_responded_at()));
  line("closed", time(c.has_closed_at(), c.closed_at()));
  line("", Label(c.closing()));
  if (c.reopenings() > 0) line("reopened", CountOf(c.reopenings(), "time", "times"));
  line("Ombudsman", Label(c.escalation_outcome()));
  line("dealt with by", c.delegate());
  line("promised for", c.promised_on());
  if (!c.question_id().empty()) line("question", "waits for the reporter's answer (menunggu pelapor)");
  if (c.has_appeal()) line("appeal", AppealOf(c.appeal(), zone, name));
  for (const policy::v1::Pause& pause : c.pauses())
    line("paused (jeda)", time(true, pause.from()) + " to " + time(true, pause.to()));
  for (const followup::v1::Case& child : c.children())
    line("part (bagian)", ShowPart(child, child.agency_id(), name));
  for (const followup::v1::CaseClock& clock : c.clocks())
    text += ShowClock(clock, StateOf(clock, zone), zone);
  return text;
}

std::string ShowRoute(const routing::v1::Route& route, const Zone& zone, const AgencyName& name) {
  std::string text = fmt::format("{}  {}\n", ShowReportId(route.report_id()), Label(route.state()));
  const auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<14}{}\n", label, value);
  };
  const auto named = [&](const std::string& id) { return id.empty() ? "" : name(id); };
  if (route.lead_report_id().empty()) {
    line("accountable",
         route.holder_agency_id().empty() ? "nobody any more" : name(route.holder_agency_id()));
  } else {
    line("follows", ShowReportId(route.lead_report_id()) + ", with whoever has that");
  }
  if (route.followers() > 0) line("followed by", CountOf(route.followers(), "report", "reports"));
  line("class", Label(route.report_class()) +
                    (route.supervision() ? ", with supervision content (berkadar pengawasan)" : ""));
  line("category", route.category());
  line("region", route.region());
  line("verification", VerificationOf(route));
  if (!route.completion_fields().empty()) {
    line("asked for", fmt::format("{}, by {}", fmt::join(route.completion_fields(), ", "),
                                  ShowLastDay(FromProto(route.completion_due_at()), Wib())));
  }
  line("application", DeliveryOf(route.delivery(), zone));
  line("returned by", named(route.returned_from_agency_id()));
  line("they name", named(route.proposed_agency_id()));
  if (route.binding()) line("decided", "by an arbiter: it can't be returned");
  for (const routing::v1::Route& child : route.children())
    line("part (bagian)", ShowPart(child, child.holder_agency_id(), name));
  text += fmt::format("\nHands (disposisi): {}, {}; times in {}\n", CountOf(route.hops(), "hop", "hops"),
                      CountOf(route.bounces(), "return", "returns"), zone.name);
  for (const routing::v1::Hand& hand : route.hands()) {
    std::string end;
    if (hand.has_until()) end = " to " + ShowTime(FromProto(hand.until()), zone);
    if (hand.return_reason() != event::v1::RETURN_REASON_UNSPECIFIED)
      end += ", returned: " + Label(hand.return_reason());
    if (hand.carried_over()) end += ", in the place of the one before, which has ended";
    text +=
        fmt::format("  {}{}\n    {}\n", ShowTime(FromProto(hand.since()), zone), end, name(hand.agency_id()));
  }
  return text;
}

std::string ShowCitation(const policy::v1::Citation& citation) {
  std::string text = citation.instrument();
  if (!citation.article().empty()) text += ", " + citation.article();
  text += fmt::format(" ({})", Word(citation.confidence()));
  if (!citation.note().empty()) text += ": " + citation.note();
  return text;
}

std::string ShowHands(const routing::v1::RouteExplanation& explanation, const Zone& zone,
                      const AgencyName& name) {
  const routing::v1::Route& route = explanation.route();
  std::string text =
      fmt::format("{}  {}\n{}\n\nHands (disposisi), times in {}\n", ShowReportId(route.report_id()),
                  Label(route.state()), explanation.why(), zone.name);
  for (const routing::v1::ExplainedHand& explained : explanation.hands()) {
    const routing::v1::Hand& hand = explained.hand();
    text += fmt::format("  {}{}  {}\n    {}\n", ShowTime(decision::FromProto(hand.since()), zone),
                        hand.has_until() ? " to " + ShowTime(decision::FromProto(hand.until()), zone) : "",
                        name(hand.agency_id()), explained.why());
    if (explained.rules_say() != routing::v1::RULES_SAY_UNSPECIFIED)
      text += fmt::format("    the rules: {}\n", Label(explained.rules_say()));
    if (explained.has_citation()) text += fmt::format("    {}\n", ShowCitation(explained.citation()));
  }
  for (const routing::v1::RouteClock& clock : explanation.clocks())
    text += ShowClock(clock, StateOf(clock, IsOver(route), zone), zone);
  return text;
}

// --- the Ombudsman

std::string ShowEscalations(const ombudsman::v1::ListEscalationsResponse& list, const Zone& zone) {
  if (list.escalations().empty()) return "No such escalations.\n";
  Table table({{"report", "laporan"},
               {"stage", "tahap"},
               {"office", "kantor"},
               {"due by", "batas"},
               {"opened, " + zone.name, "dibuka"},
               {"cause", "sebab"},
               {"respondent", "terlapor"},
               {"consent", "persetujuan"},
               {"outcome", "hasil"}});
  for (const ombudsman::v1::Escalation& e : list.escalations()) {
    std::string cause = Word(e.cause());
    if (e.clock() != report::v1::CLOCK_UNSPECIFIED) cause += ", " + Word(e.clock());
    const bool has_outcome = e.outcome() != event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
    table.Add({ShowReportId(e.report_id()), Word(e.stage()), e.office(), ShowNextDue(e, zone),
               ShowTime(FromProto(e.opened_at()), zone), cause, e.respondent_agency_id(),
               e.consented() ? "yes" : "awaited", has_outcome ? Word(e.outcome()) : ""});
  }
  return table.ToString();
}

std::string ShowEscalation(const ombudsman::v1::Escalation& e, const Zone& zone, const AgencyName& name) {
  std::string text = fmt::format("{}  {}\n", ShowReportId(e.report_id()), Label(e.stage()));
  const auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<12}{}\n", label, value);
  };
  line("cause", Label(e.cause()));
  line("ran out", Label(e.clock()));
  line("respondent", e.respondent_agency_id().empty() ? "" : name(e.respondent_agency_id()));
  line("office", e.office());
  line("opened", When(e.opened_at(), zone));
  if (e.rapid_response()) line("lane", "rapid response (Respon Cepat)");
  line("consent", e.consented() ? "given" : "awaited");
  if (e.direct()) line("path", "direct: the provider is not to resolve it");
  if (e.name_secret()) line("name", "kept secret");
  for (const event::v1::GroundVerdict& verdict : e.verdicts()) {
    line(verdict.met() ? "met" : "NOT MET", ShowVerdict(verdict));
  }
  for (const ombudsman::v1::Judgement& judgement : e.judgements())
    line("judged", fmt::format("{}: {}", Label(judgement.ground()), judgement.reason()));
  for (const ombudsman::v1::Clock& clock : e.clocks()) line("clock", ShowClock(clock, zone));
  for (const ombudsman::v1::Note& note : e.notes()) {
    line("noted", fmt::format("{}, {}: {}", When(note.written_at(), zone), Label(note.kind()), note.text()));
  }
  line("finding", Label(e.finding()));
  line("compliance", Label(e.compliance()));
  line("outcome", Label(e.outcome()));
  line("", Label(e.maladministration()));
  if (e.has_closed_at()) line("closed", When(e.closed_at(), zone));
  return text;
}

std::string ShowGrounds(const google::protobuf::RepeatedPtrField<ombudsman::v1::GroundPreview>& grounds) {
  std::string text;
  for (const ombudsman::v1::GroundPreview& ground : grounds) {
    text += fmt::format("  {:<9}{}; {} [{}]\n", ground.verdict().met() ? "met" : "NOT MET",
                        ShowVerdict(ground.verdict()), ground.source(), Label(ground.confidence()));
    if (!ground.remedy().empty()) text += fmt::format("           to be met: {}\n", ground.remedy());
  }
  return text;
}

std::string ShowDocuments(const ombudsman::v1::ListDocumentsResponse& list, const Zone& zone) {
  if (list.documents().empty()) return "No documents.\n";
  std::string text;
  for (const ombudsman::v1::Document& d : list.documents()) {
    text += fmt::format("{}  {}, to {}, by the office {}\n", d.document_number(), Label(d.kind()),
                        d.agency_id().empty() ? d.addressee() : d.agency_id(), d.office());
    const auto line = [&](const char* label, const std::string& value) {
      if (!value.empty()) text += fmt::format("  {:<12}{}\n", label, value);
    };
    line("issued", When(d.issued_at(), zone));
    if (d.has_delivered_at()) line("delivered", When(d.delivered_at(), zone));
    if (d.has_due_at()) line("due by", ShowLastDay(FromProto(d.due_at()), Wib()));
    line("finding", Label(d.finding()));
    line("", Label(d.maladministration()));
    line("text", d.text());
    line("sha256", d.text_sha256());
    for (const report::v1::Attachment& attachment : d.attachments()) line("attached", attachment.uri());
    for (const ombudsman::v1::Reply& reply : d.replies()) {
      line("replied", When(reply.replied_at(), zone) + (reply.agency_id().empty()
                                                            ? ", recorded by the Ombudsman's officers"
                                                            : ", by " + reply.agency_id()));
      line("reply", reply.text());
      for (const report::v1::Attachment& attachment : reply.attachments()) line("attached", attachment.uri());
    }
  }
  return text;
}

// --- others

std::string ShowDuplicates(const intake::v1::ListDuplicateCandidatesResponse& response, const Zone& zone) {
  if (response.candidates().empty()) return "Nothing near it in words, place and time.\n";
  Table table({{"score", "nilai", Table::Align::kRight},
               {"report", "laporan"},
               {"status", "status"},
               {"received, " + zone.name, "diterima"},
               {"why", "sebab"}});
  for (const intake::v1::DuplicateCandidate& candidate : response.candidates()) {
    table.Add({fmt::format("{:.2f}", candidate.score()), ShowReportId(candidate.tracking_id()),
               Word(candidate.status()), ShowTime(FromProto(candidate.received_at()), zone),
               candidate.why()});
  }
  return table.ToString();
}

std::string ShowError(const absl::Status& status) {
  const auto bad_input = decision::BadInputOf(status);
  if (!bad_input) return fmt::format("lapor: {}\n", std::string(status.message()));
  std::string text = fmt::format("lapor: refused ({})\n", absl::StatusCodeToString(status.code()));
  for (const report::v1::FieldViolation& violation : bad_input->violations()) {
    text +=
        fmt::format("  {}: {}\n    remedy: {}\n", violation.field(), violation.rule(), violation.remedy());
  }
  return text;
}

}  // namespace lapor::client
