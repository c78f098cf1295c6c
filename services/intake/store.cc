#include "services/intake/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "libs/decision/proto_time.h"
#include "services/intake/likeness.h"

namespace lapor::intake {
namespace {

// In the order of ReportAt.
const std::string kColumns = R"sql(
  id, status, class, supervision, channel, category, region, anonymous, confidential, received_at,
  policy_version, receipt_hash, agency_id, arbiter_agency_id, array_to_string(completion_fields, ','), completion_due_at,
  identity_known, name_secret, escalation, ombudsman_admitted, attachment_count, text_bytes, timeline_length, contest_until,
  array_to_string(child_agency_ids, ','), array_to_string(child_arbiter_ids, ','), lead_report_id, status_before_merge,
  closing, reopen_until, reopening_requested, appealed, appeal_waits, question_due_at,
  array_to_string(child_questions_due, ','), language, rapid_response)sql";

const std::string kLoadSql =
    "SELECT " + kColumns + " FROM report WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE";
const pg::Statement kLoad{"reports_load", kLoadSql.c_str()};

const std::string kFindSql = "SELECT " + kColumns + " FROM report WHERE id = $1";
const pg::Statement kFind{"reports_find", kFindSql.c_str()};

// What never changes after the submission is not updated.
const pg::Statement kSave{"reports_save", R"sql(
  INSERT INTO report (
    id, status, class, supervision, channel, category, region, anonymous, confidential, received_at,
    policy_version, receipt_hash, agency_id, arbiter_agency_id, completion_fields, completion_due_at,
    identity_known, name_secret, escalation, ombudsman_admitted, attachment_count, text_bytes, timeline_length, contest_until,
    child_agency_ids, child_arbiter_ids, lead_report_id, status_before_merge,
    closing, reopen_until, reopening_requested, appealed, appeal_waits, question_due_at, child_questions_due, language, rapid_response)
  SELECT
    id, status, class, supervision, channel, category, region, anonymous, confidential, received_at,
    policy_version, receipt_hash, agency_id, arbiter_agency_id, string_to_array(completion_fields, ','), completion_due_at,
    identity_known, name_secret, escalation, ombudsman_admitted, attachment_count, text_bytes, timeline_length, contest_until,
    string_to_array(child_agency_ids, ','), string_to_array(child_arbiter_ids, ','), lead_report_id, status_before_merge,
    closing, reopen_until, reopening_requested, appealed, appeal_waits, question_due_at,
    string_to_array(child_questions_due, ',')::bigint[], language, rapid_response
  FROM unnest(
    $1::text[], $2::smallint[], $3::smallint[], $4::boolean[], $5::smallint[], $6::text[], $7::text[],
    $8::boolean[], $9::boolean[], $10::timestamptz[], $11::text[], $12::bytea[], $13::text[], $14::text[],
    $15::text[], $16::timestamptz[], $17::boolean[], $18::boolean[], $19::smallint[], $20::boolean[],
    $21::integer[], $22::bigint[], $23::integer[], $24::timestamptz[], $25::text[], $26::text[], $27::text[],
    $28::smallint[], $29::smallint[], $30::timestamptz[], $31::boolean[], $32::boolean[], $33::boolean[],
    $34::timestamptz[], $35::text[], $36::smallint[], $37::boolean[])
  AS new (
    id, status, class, supervision, channel, category, region, anonymous, confidential, received_at,
    policy_version, receipt_hash, agency_id, arbiter_agency_id, completion_fields, completion_due_at,
    identity_known, name_secret, escalation, ombudsman_admitted, attachment_count, text_bytes, timeline_length, contest_until,
    child_agency_ids, child_arbiter_ids, lead_report_id, status_before_merge,
    closing, reopen_until, reopening_requested, appealed, appeal_waits, question_due_at, child_questions_due, language, rapid_response)
  ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, class = excluded.class, supervision = excluded.supervision,
    category = excluded.category, region = excluded.region, confidential = excluded.confidential,
    agency_id = excluded.agency_id, arbiter_agency_id = excluded.arbiter_agency_id,
    completion_fields = excluded.completion_fields, completion_due_at = excluded.completion_due_at,
    identity_known = excluded.identity_known, name_secret = excluded.name_secret,
    escalation = excluded.escalation, ombudsman_admitted = excluded.ombudsman_admitted,
    attachment_count = excluded.attachment_count, text_bytes = excluded.text_bytes,
    timeline_length = excluded.timeline_length, contest_until = excluded.contest_until,
    child_agency_ids = excluded.child_agency_ids, child_arbiter_ids = excluded.child_arbiter_ids,
    lead_report_id = excluded.lead_report_id, status_before_merge = excluded.status_before_merge,
    closing = excluded.closing, reopen_until = excluded.reopen_until,
    reopening_requested = excluded.reopening_requested, appealed = excluded.appealed,
    appeal_waits = excluded.appeal_waits, question_due_at = excluded.question_due_at,
    child_questions_due = excluded.child_questions_due, rapid_response = excluded.rapid_response)sql"};

const pg::Statement kAppendWords{"words_append", R"sql(
  INSERT INTO words (report_id, entry_no, title, text, keys)
  SELECT report_id, entry_no, title, text, string_to_array(keys, ',')::bigint[]
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[])
    AS new (report_id, entry_no, title, text, keys))sql"};

const pg::Statement kAppendLikeness{"likeness_append", R"sql(
  INSERT INTO likeness (period, key, received_at, report_id)
  SELECT period, unnest(string_to_array(keys, ',')::bigint[]), received_at, report_id
  FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[]) AS new (report_id, period, received_at, keys))sql"};

// Mixed as InScope does: bit by bit, either or. Where it was looked for before it is still found, and judged
// by where it lies now.
const pg::Statement kRelocate{"likeness_relocate", R"sql(
  INSERT INTO likeness (period, key, received_at, report_id)
  SELECT period, word_key # scope, received_at, report_id
  FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::bigint[]) AS moved (report_id, period, received_at, scope)
  CROSS JOIN LATERAL (
    SELECT unnest(keys) AS word_key FROM words WHERE words.report_id = moved.report_id OFFSET 0) AS known)sql"};

const pg::Statement kAppendMessages{"messages_append", R"sql(
  INSERT INTO message (report_id, entry_no, message_id, written_at, text)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::timestamptz[], $5::text[]))sql"};

const pg::Statement kAppendAttachments{"attachments_append", R"sql(
  INSERT INTO attachment (report_id, number, entry_no, sha256, size_bytes, media_type, uri)
  SELECT report_id, number, entry_no, decode(sha256, 'hex'), size_bytes, media_type, uri
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::text[], $5::bigint[], $6::text[], $7::text[])
    AS new (report_id, number, entry_no, sha256, size_bytes, media_type, uri))sql"};

const pg::Statement kAppendIdentities{"identities_append", R"sql(
  INSERT INTO identity (report_id, entry_no, sealed)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[]))sql"};

const pg::Statement kAppendTimeline{"timeline_append", R"sql(
  INSERT INTO timeline (report_id, entry_no, occurred_at, event)
  SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::bytea[]))sql"};

const pg::Statement kReadWords{
    "words_read", "SELECT title, text FROM words WHERE report_id = $1 AND entry_no < $2 ORDER BY entry_no"};

const pg::Statement kReadMessages{"messages_read", R"sql(
  SELECT message_id, written_at, text FROM message
  WHERE report_id = $1 AND entry_no < $2 ORDER BY entry_no)sql"};

const pg::Statement kReadAttachments{"attachments_read", R"sql(
  SELECT encode(sha256, 'hex'), size_bytes, media_type, uri FROM attachment
  WHERE report_id = $1 AND entry_no < $2 ORDER BY number)sql"};

const pg::Statement kReadTimeline{
    "timeline_read", "SELECT event FROM timeline WHERE report_id = $1 AND entry_no < $2 ORDER BY entry_no"};

const pg::Statement kReadIdentity{"identity_read", R"sql(
  SELECT sealed FROM identity WHERE report_id = $1 AND entry_no < $2 ORDER BY entry_no DESC LIMIT 1)sql"};

// Of each key, the periods are gone through from the newest on until there are enough.
const pg::Statement kFindAlike{"likeness_find", R"sql(
  SELECT report_id FROM (
    SELECT DISTINCT found.report_id, asked.word, asked.weight
    FROM unnest($1::bigint[], $2::integer[], $3::float8[]) AS asked (key, word, weight)
    CROSS JOIN LATERAL (
      SELECT of_period.report_id FROM generate_series($7::integer, $8::integer, -1) AS this (period)
      CROSS JOIN LATERAL (
        SELECT report_id FROM likeness
        WHERE period = this.period AND key = asked.key AND received_at > $4
        ORDER BY received_at DESC, report_id DESC LIMIT $5) AS of_period
      LIMIT $5) AS found
    WHERE found.report_id <> $6) AS shared
  GROUP BY report_id ORDER BY sum(weight) DESC, report_id LIMIT $9)sql"};

const pg::Statement kFindNear{"reports_near", R"sql(
  SELECT id FROM report
  WHERE left(region, 5) = $1 AND category = $2 AND received_at > $3
  ORDER BY received_at DESC LIMIT $4)sql"};

const std::string kFindManySql = "SELECT " + kColumns + " FROM report WHERE id = ANY($1::text[]) ORDER BY id";
const pg::Statement kFindMany{"reports_find_many", kFindManySql.c_str()};

const pg::Statement kReadManyWords{"words_read_many", R"sql(
  SELECT report_id, title, left(text, $2) FROM words WHERE report_id = ANY($1::text[]) ORDER BY report_id, entry_no)sql"};

const pg::Statement kFindKnownReporters{
    "reports_find_known_reporters",
    "SELECT id, region, language, escalation FROM report WHERE id = ANY($1::text[]) AND identity_known"};

pg::Array ArrayOf(const std::vector<std::string>& texts) {
  pg::Array array;
  for (const std::string& text : texts) array.Add(text);
  return array;
}

// Neither fields of intake.proto nor agencies' ids have a comma in them.
std::vector<std::string> Split(std::string_view joined) {
  std::vector<std::string> parts;
  while (!joined.empty()) {
    const size_t comma = std::min(joined.find(','), joined.size());
    parts.emplace_back(joined.substr(0, comma));
    joined.remove_prefix(std::min(comma + 1, joined.size()));
  }
  return parts;
}

std::vector<ChildAssignment> ChildrenOf(std::vector<std::string> agencies, std::vector<std::string> arbiters,
                                        const std::vector<std::string>& questions_due) {
  std::vector<ChildAssignment> children(std::max({agencies.size(), arbiters.size(), questions_due.size()}));
  for (size_t i = 0; i < agencies.size(); ++i) children[i].agency_id = std::move(agencies[i]);
  for (size_t i = 0; i < arbiters.size(); ++i) children[i].arbiter_agency_id = std::move(arbiters[i]);
  for (size_t i = 0; i < questions_due.size(); ++i) {
    const int64_t micros = std::stoll(questions_due[i]);
    if (micros != 0) children[i].question_due_at = absl::FromUnixMicros(micros);
  }
  return children;
}

std::string Join(const std::vector<ChildAssignment>& children, std::string ChildAssignment::*field) {
  std::string joined;
  for (const ChildAssignment& child : children) {
    if (&child != &children.front()) joined += ',';
    joined += child.*field;
  }
  return joined;
}

// In microseconds since 1970; 0: nobody is asked anything. None at all where that holds for each.
std::string JoinQuestionsDue(const std::vector<ChildAssignment>& children) {
  const auto is_asked = [](const ChildAssignment& child) { return child.question_due_at.has_value(); };
  if (std::ranges::none_of(children, is_asked)) return "";
  std::vector<int64_t> micros;
  for (const ChildAssignment& child : children)
    micros.push_back(child.question_due_at ? absl::ToUnixMicros(*child.question_due_at) : 0);
  return fmt::format("{}", fmt::join(micros, ","));
}

Report ReportAt(const pg::Row& row) {
  Report report;
  report.id = row.Text(0);
  report.status = static_cast<report::v1::ReportStatus>(row.Int(1));
  report.report_class = static_cast<report::v1::ReportClass>(row.Int(2));
  report.supervision = row.Bool(3);
  report.channel = static_cast<report::v1::Channel>(row.Int(4));
  report.category = row.Text(5);
  report.region = row.Text(6);
  report.anonymous = row.Bool(7);
  report.confidential = row.Bool(8);
  report.received_at = row.Time(9);
  report.policy_version = row.Text(10);
  report.receipt_hash = row.Bytes(11);
  report.agency_id = row.Text(12);
  report.arbiter_agency_id = row.Text(13);
  report.completion_fields = Split(row.View(14));
  report.completion_due_at = row.OptTime(15);
  report.identity_known = row.Bool(16);
  report.name_secret = row.Bool(17);
  report.escalation = static_cast<v1::EscalationStatus>(row.Int(18));
  report.ombudsman_admitted = row.Bool(19);
  report.attachment_count = row.Int32(20);
  report.text_bytes = row.Int(21);
  report.timeline_length = row.Int32(22);
  report.contest_until = row.OptTime(23);
  report.children = ChildrenOf(Split(row.View(24)), Split(row.View(25)), Split(row.View(34)));
  report.lead_report_id = row.Text(26);
  report.status_before_merge = static_cast<report::v1::ReportStatus>(row.Int(27));
  report.closing = static_cast<event::v1::Closing>(row.Int(28));
  report.reopen_until = row.OptTime(29);
  report.reopening_requested = row.Bool(30);
  report.appealed = row.Bool(31);
  report.appeal_waits = row.Bool(32);
  report.question_due_at = row.OptTime(33);
  report.language = static_cast<report::v1::Language>(row.Int(35));
  report.rapid_response = row.Bool(36);
  return report;
}

// The rows of one table, column by column, on their way into it.
struct WordsRows {
  pg::Array report_id, entry_no, title, text, keys;

  void Add(const WordsRow& row) {
    report_id.Add(row.report_id);
    entry_no.Add(row.entry_no);
    title.Add(row.title);
    text.Add(row.text);
    keys.Add(fmt::format("{}", fmt::join(row.keys, ",")));
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendWords, pg::Params(std::move(report_id), std::move(entry_no), std::move(title),
                                     std::move(text), std::move(keys)));
  }
};

// Long enough to look into few of them, short enough to write into a small part of the index.
constexpr absl::Duration kPeriod = absl::Hours(4 * 7 * 24);
int64_t PeriodOf(absl::Time time) { return (time - absl::UnixEpoch()) / kPeriod; }

struct LikenessRows {
  pg::Array report_id, period, received_at, keys;

  void Add(const LikenessRow& row) {
    report_id.Add(row.report_id);
    period.Add(PeriodOf(row.received_at));
    received_at.Add(row.received_at);
    keys.Add(fmt::format("{}", fmt::join(row.keys, ",")));
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendLikeness,
            pg::Params(std::move(report_id), std::move(period), std::move(received_at), std::move(keys)));
  }
};

struct RelocationRows {
  pg::Array report_id, period, received_at, scope;

  void Add(const RelocationRow& row) {
    report_id.Add(row.report_id);
    period.Add(PeriodOf(row.received_at));
    received_at.Add(row.received_at);
    scope.Add(InScope(0, row.regency));
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kRelocate,
            pg::Params(std::move(report_id), std::move(period), std::move(received_at), std::move(scope)));
  }
};

struct MessageRows {
  pg::Array report_id, entry_no, message_id, written_at, text;

  void Add(const MessageRow& row) {
    report_id.Add(row.report_id);
    entry_no.Add(row.entry_no);
    message_id.Add(row.message_id);
    written_at.Add(row.written_at);
    text.Add(row.text);
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendMessages, pg::Params(std::move(report_id), std::move(entry_no), std::move(message_id),
                                        std::move(written_at), std::move(text)));
  }
};

struct AttachmentRows {
  pg::Array report_id, number, entry_no, sha256, size_bytes, media_type, uri;

  void Add(const AttachmentRow& row) {
    report_id.Add(row.report_id);
    number.Add(row.number);
    entry_no.Add(row.entry_no);
    sha256.Add(row.attachment.sha256());
    size_bytes.Add(row.attachment.size_bytes());
    media_type.Add(row.attachment.media_type());
    uri.Add(row.attachment.uri());
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendAttachments,
            pg::Params(std::move(report_id), std::move(number), std::move(entry_no), std::move(sha256),
                       std::move(size_bytes), std::move(media_type), std::move(uri)));
  }
};

struct IdentityRows {
  pg::Array report_id, entry_no, sealed;

  void Add(const IdentityRow& row) {
    report_id.Add(row.report_id);
    entry_no.Add(row.entry_no);
    sealed.AddBytes(row.sealed);
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendIdentities, pg::Params(std::move(report_id), std::move(entry_no), std::move(sealed)));
  }
};

struct TimelineRows {
  pg::Array report_id, entry_no, occurred_at, event;

  void Add(const TimelineRow& row) {
    report_id.Add(row.report_id);
    entry_no.Add(row.entry_no);
    occurred_at.Add(decision::FromProto(row.event.occurred_at()));
    event.AddBytes(row.event.SerializeAsString());
  }
  void Insert(pg::Tx& tx) {
    if (report_id.size() == 0) return;
    tx.Exec(kAppendTimeline,
            pg::Params(std::move(report_id), std::move(entry_no), std::move(occurred_at), std::move(event)));
  }
};

// Of all tables.
struct Rows {
  WordsRows words;
  LikenessRows likeness;
  RelocationRows relocations;
  MessageRows messages;
  AttachmentRows attachments;
  IdentityRows identities;
  TimelineRows timeline;

  void Add(const WordsRow& row) { words.Add(row); }
  void Add(const LikenessRow& row) { likeness.Add(row); }
  void Add(const RelocationRow& row) { relocations.Add(row); }
  void Add(const MessageRow& row) { messages.Add(row); }
  void Add(const AttachmentRow& row) { attachments.Add(row); }
  void Add(const IdentityRow& row) { identities.Add(row); }
  void Add(const TimelineRow& row) { timeline.Add(row); }

  void Insert(pg::Tx& tx) {
    words.Insert(tx);
    likeness.Insert(tx);
    relocations.Insert(tx);  // of words that may have come just now
    messages.Insert(tx);
    attachments.Insert(tx);
    identities.Insert(tx);
    timeline.Insert(tx);
  }
};

}  // namespace

std::unordered_map<std::string, Report> Load(pg::Tx& tx, const std::vector<std::string>& ids) {
  std::unordered_map<std::string, Report> reports;
  for (const pg::Row row : tx.Exec(kLoad, pg::Params(ArrayOf(ids)))) {
    Report report = ReportAt(row);
    std::string id = report.id;
    reports.emplace(std::move(id), std::move(report));
  }
  return reports;
}

void Save(pg::Tx& tx, const std::vector<const Report*>& reports) {
  pg::Array id, status, report_class, supervision, channel, category, region, anonymous, confidential,
      received_at, policy_version, receipt_hash, agency_id, arbiter_agency_id, completion_fields,
      completion_due_at, identity_known, name_secret, escalation, ombudsman_admitted, attachment_count,
      text_bytes, timeline_length, contest_until, child_agency_ids, child_arbiter_ids, lead_report_id,
      status_before_merge, closing, reopen_until, reopening_requested, appealed, appeal_waits,
      question_due_at, child_questions_due, language, rapid_response;
  for (const Report* report : reports) {
    id.Add(report->id);
    status.Add(static_cast<int>(report->status));
    report_class.Add(static_cast<int>(report->report_class));
    supervision.Add(report->supervision);
    channel.Add(static_cast<int>(report->channel));
    category.Add(report->category);
    region.Add(report->region);
    anonymous.Add(report->anonymous);
    confidential.Add(report->confidential);
    received_at.Add(report->received_at);
    policy_version.Add(report->policy_version);
    receipt_hash.AddBytes(report->receipt_hash);
    agency_id.Add(report->agency_id);
    arbiter_agency_id.Add(report->arbiter_agency_id);
    completion_fields.Add(fmt::format("{}", fmt::join(report->completion_fields, ",")));
    completion_due_at.Add(report->completion_due_at);
    identity_known.Add(report->identity_known);
    name_secret.Add(report->name_secret);
    escalation.Add(static_cast<int>(report->escalation));
    ombudsman_admitted.Add(report->ombudsman_admitted);
    attachment_count.Add(report->attachment_count);
    text_bytes.Add(report->text_bytes);
    timeline_length.Add(report->timeline_length);
    contest_until.Add(report->contest_until);
    child_agency_ids.Add(Join(report->children, &ChildAssignment::agency_id));
    child_arbiter_ids.Add(Join(report->children, &ChildAssignment::arbiter_agency_id));
    lead_report_id.Add(report->lead_report_id);
    status_before_merge.Add(static_cast<int>(report->status_before_merge));
    closing.Add(static_cast<int>(report->closing));
    reopen_until.Add(report->reopen_until);
    reopening_requested.Add(report->reopening_requested);
    appealed.Add(report->appealed);
    appeal_waits.Add(report->appeal_waits);
    question_due_at.Add(report->question_due_at);
    child_questions_due.Add(JoinQuestionsDue(report->children));
    language.Add(static_cast<int>(report->language));
    rapid_response.Add(report->rapid_response);
  }
  tx.Exec(kSave,
          pg::Params(std::move(id), std::move(status), std::move(report_class), std::move(supervision),
                     std::move(channel), std::move(category), std::move(region), std::move(anonymous),
                     std::move(confidential), std::move(received_at), std::move(policy_version),
                     std::move(receipt_hash), std::move(agency_id), std::move(arbiter_agency_id),
                     std::move(completion_fields), std::move(completion_due_at), std::move(identity_known),
                     std::move(name_secret), std::move(escalation), std::move(ombudsman_admitted),
                     std::move(attachment_count), std::move(text_bytes), std::move(timeline_length),
                     std::move(contest_until), std::move(child_agency_ids), std::move(child_arbiter_ids),
                     std::move(lead_report_id), std::move(status_before_merge), std::move(closing),
                     std::move(reopen_until), std::move(reopening_requested), std::move(appealed),
                     std::move(appeal_waits), std::move(question_due_at), std::move(child_questions_due),
                     std::move(language), std::move(rapid_response)));
}

void Append(pg::Tx& tx, const std::vector<Record>& records) {
  Rows rows;
  for (const Record& record : records) std::visit([&](const auto& row) { rows.Add(row); }, record);
  rows.Insert(tx);
}

std::optional<Report> Find(pg::Tx& tx, const std::string& id) {
  const pg::Result rows = tx.Exec(kFind, pg::Params(id));
  if (rows.empty()) return std::nullopt;
  return ReportAt(rows[0]);
}

std::vector<Report> FindMany(pg::Tx& tx, const std::vector<std::string>& ids) {
  std::vector<Report> reports;
  for (const pg::Row row : tx.Exec(kFindMany, pg::Params(ArrayOf(ids)))) reports.push_back(ReportAt(row));
  return reports;
}

std::vector<std::string> FindAlike(pg::Tx& tx, const std::string& report_id,
                                   const std::vector<AskedKey>& keys, absl::Time since, absl::Time now) {
  pg::Array key, word, weight;
  for (const AskedKey& asked : keys) {
    key.Add(asked.key);
    word.Add(asked.word);
    weight.Add(asked.weight);
  }
  std::vector<std::string> ids;
  for (const pg::Row row : tx.Exec(
           kFindAlike, pg::Params(std::move(key), std::move(word), std::move(weight), since, kMaxReportsOfKey,
                                  report_id, PeriodOf(now), PeriodOf(since), kMaxAlike))) {
    ids.push_back(row.Text(0));
  }
  return ids;
}

std::vector<std::string> FindNear(pg::Tx& tx, const std::string& region, const std::string& category,
                                  absl::Time since) {
  std::vector<std::string> ids;
  for (const pg::Row row : tx.Exec(kFindNear, pg::Params(RegencyOf(region), category, since, kMaxNear)))
    ids.push_back(row.Text(0));
  return ids;
}

std::unordered_map<std::string, Told> ReadWords(pg::Tx& tx, const std::vector<std::string>& ids,
                                                size_t max_characters) {
  std::unordered_map<std::string, Told> told;
  for (const pg::Row row : tx.Exec(kReadManyWords, pg::Params(ArrayOf(ids), max_characters))) {
    Told& words = told[row.Text(0)];
    if (words.title.empty()) words.title = row.Text(1);
    if (!words.description.empty()) words.description += "\n\n";
    words.description += row.View(2);
  }
  return told;
}

Contents ReadContents(pg::Tx& tx, const Report& report) {
  Contents contents;
  for (const pg::Row row : tx.Exec(kReadWords, pg::Params(report.id, report.timeline_length))) {
    if (contents.title.empty()) contents.title = row.Text(0);
    if (!contents.description.empty()) contents.description += "\n\n";
    contents.description += row.View(1);
  }
  for (const pg::Row row : tx.Exec(kReadMessages, pg::Params(report.id, report.timeline_length))) {
    v1::Message& message = contents.messages.emplace_back();
    message.set_message_id(row.Text(0));
    *message.mutable_written_at() = decision::ToProto(row.Time(1));
    message.set_text(row.Text(2));
  }
  for (const pg::Row row : tx.Exec(kReadAttachments, pg::Params(report.id, report.timeline_length))) {
    report::v1::Attachment& attachment = contents.attachments.emplace_back();
    attachment.set_sha256(row.Text(0));
    attachment.set_size_bytes(row.Int(1));
    attachment.set_media_type(row.Text(2));
    attachment.set_uri(row.Text(3));
  }
  contents.timeline = ReadTimeline(tx, report);
  return contents;
}

std::vector<event::v1::Event> ReadTimeline(pg::Tx& tx, const Report& report) {
  std::vector<event::v1::Event> timeline;
  for (const pg::Row row : tx.Exec(kReadTimeline, pg::Params(report.id, report.timeline_length))) {
    timeline.emplace_back().ParseFromString(row.Bytes(0));
  }
  return timeline;
}

std::unordered_map<std::string, KnownReporter> FindKnownReporters(
    pg::Tx& tx, const std::vector<std::string>& report_ids) {
  std::unordered_map<std::string, KnownReporter> reporters;
  for (const pg::Row row : tx.Exec(kFindKnownReporters, pg::Params(ArrayOf(report_ids))))
    reporters.emplace(row.Text(0),
                      KnownReporter{.region = row.Text(1),
                                    .language = static_cast<report::v1::Language>(row.Int(2)),
                                    .escalation = static_cast<v1::EscalationStatus>(row.Int(3))});
  return reporters;
}

std::string ReadSealedIdentity(pg::Tx& tx, const Report& report) {
  const pg::Result rows = tx.Exec(kReadIdentity, pg::Params(report.id, report.timeline_length));
  return rows.empty() ? "" : rows[0].Bytes(0);
}

}  // namespace lapor::intake
