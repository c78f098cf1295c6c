#include "libs/notify/sender.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sodium.h>

#include <algorithm>
#include <utility>

#include "libs/notify/json.h"
#include "libs/notify/mail.h"
#include "libs/notify/outbox.h"
#include "libs/report/assignment_id.h"
#include "libs/report/tracking_id.h"
#include "libs/runtime/log.h"

namespace lapor::notify {
namespace {

// Senders claim one after the other, or two of them would share the rows of one message.
const pg::Statement kLockClaims{"notification_lock_claims",
                                "SELECT pg_advisory_xact_lock(hashtext('notification claims'))"};
// $1 now, $2 until when the claim holds, $3 rows at most, $4 the ways that there are, $5 those of them that
// rest. What can only go by ways that rest is passed over: a reporter has no webhook. Of a bundle those that
// have come equally far, so that nobody is told twice because another row came late.
const pg::Statement kClaim{"notification_claim", R"sql(
  WITH first AS (
    SELECT bundle, done
    FROM notification, LATERAL (
      SELECT CASE WHEN ways <> 0 THEN ways WHEN agency_id = '' THEN 3 ELSE 7 END & ~done & $4::integer AS ahead) AS left_over
    WHERE ended_at IS NULL AND next_attempt_at <= $1 AND (ahead = 0 OR ahead & ~$5::integer <> 0)
    ORDER BY next_attempt_at, id LIMIT 1),
  chosen AS (
    SELECT id FROM notification JOIN first USING (bundle, done)
    WHERE ended_at IS NULL AND next_attempt_at <= $1
    ORDER BY next_attempt_at, id LIMIT $3)
  UPDATE notification SET next_attempt_at = $2 FROM chosen
  WHERE notification.id = chosen.id AND ended_at IS NULL AND next_attempt_at <= $1
  RETURNING notification.id, key, agency_id, report_id, child, template, parameters::text, language, occurred_at,
    created_at, attempts, done)sql"};
// $2 the claim that it was sent under: who has lost it to another sender leaves the row to that one.
const pg::Statement kRecord{"notification_record", R"sql(
  UPDATE notification SET done = $3, attempts = $4, next_attempt_at = coalesce($5, next_attempt_at), ended_at = $6,
    ending = $7, ways = $8
  WHERE id = ANY($1::bigint[]) AND next_attempt_at = $2 AND ended_at IS NULL)sql"};
const pg::Statement kCountWaiting{"notification_count_waiting",
                                  "SELECT count(*) FROM notification WHERE ended_at IS NULL"};
const pg::Statement kForget{"notification_forget", R"sql(
  DELETE FROM notification WHERE id IN (
    SELECT id FROM notification WHERE ended_at < $1 ORDER BY ended_at LIMIT 10000))sql"};

constexpr absl::Duration kLookAfterInterval = absl::Seconds(15);

// As the tracking id is shown, with the number of the child assignment.
std::string ShowReport(const std::string& report_id, int child) {
  return report::ToString(report::ShowTrackingId(report_id), child);
}

// Of one message: the same notifications, the same id.
std::string IdOf(const std::vector<std::string>& keys) {
  unsigned char hash[16];
  const std::string joined = fmt::format("{}", fmt::join(keys, "\n"));
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(joined.data()), joined.size(),
                     nullptr, 0);
  std::string id;
  for (const unsigned char byte : hash) id += fmt::format("{:02x}", byte);
  return id;
}

void LogFailure(runtime::Level level, const char* event, const std::string& key, const std::string& name,
                const std::string& channel, int attempts, const absl::Status& why) {
  // Ids and codes; whom it was to reach stands nowhere.
  runtime::Log(level, event,
               {{"key", key},
                {"template", name},
                {"channel", channel},
                {"attempts", attempts},
                {"error", std::string(why.message())}});
}

}  // namespace

absl::Duration Backoff(int attempt, double random, const SenderOptions& options) {
  absl::Duration pause = options.retry_delay;
  for (int i = 1; i < attempt && pause < options.max_retry_delay; ++i) pause *= 2;
  return std::min(pause, options.max_retry_delay) * (0.5 + random / 2);
}

Sender::Sender(pg::Pool& pool, const runtime::Clock& machine, std::shared_ptr<const Templates> templates,
               std::string digest, Channels channels, Resolve resolve, SenderOptions options,
               runtime::Metrics& metrics)
    : pool_(pool),
      machine_(machine),
      templates_(std::move(templates)),
      digest_(std::move(digest)),
      resolve_(std::move(resolve)),
      options_(options),
      no_address_(metrics.Counter("lapor_notify_no_address_total",
                                  "Notifications that ended as there is no address for them")),
      waiting_(metrics.Gauge("lapor_notify_waiting", "Notifications that have not been sent yet")) {
  const auto add = [&](Bit bit, const std::string& name, std::shared_ptr<Channel> channel) {
    if (channel == nullptr) return;
    const runtime::Metrics::Labels labels = {{"channel", name}};
    ways_.push_back(
        {.bit = bit,
         .name = name,
         .channel = std::move(channel),
         .sent = metrics.Counter("lapor_notify_sent_total", "Notifications sent", labels),
         .failed = metrics.Counter("lapor_notify_failed_total", "Messages that failed, each time", labels),
         .given_up =
             metrics.Counter("lapor_notify_given_up_total", "Notifications that were given up", labels),
         .next_rest = options_.rest});
  };
  add(kSmtp, "smtp", std::move(channels.smtp));
  add(kSms, "sms", std::move(channels.sms));
  add(kWebhook, "webhook", std::move(channels.webhook));
}

void Sender::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void Sender::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (const Way& way : ways_) way.channel->Cancel();
  if (thread_.joinable()) thread_.join();
}

void Sender::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (const auto sent = Round(); !sent.ok()) {
      runtime::Log(runtime::Level::kWarning, "notifications.not_read",
                   {{"error", std::string(sent.status().message())}});
    }
    lock.lock();
    wake_.wait_for(lock, absl::ToChronoNanoseconds(options_.poll), [this] { return stopping_; });
  }
}

absl::StatusOr<int> Sender::Round() {
  for (int count = 0;; ++count) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return count;
    }
    if (machine_.Now() >= next_look_after_) {
      if (const absl::Status status = LookAfter(); !status.ok()) return status;
    }
    if (AllRest()) return count;
    auto bundle = Claim();
    if (!bundle.ok()) return bundle.status();
    if (!*bundle) return count;
    const Progress progress = SendBundle(**bundle);
    if (const absl::Status status = Record(**bundle, progress); !status.ok()) return status;
  }
}

bool Sender::AllRest() const {
  const absl::Time now = machine_.Now();
  return !ways_.empty() && std::ranges::all_of(ways_, [&](const Way& way) { return way.rests_until > now; });
}

absl::StatusOr<std::optional<Sender::Bundle>> Sender::Claim() {
  std::optional<Bundle> bundle;
  // To the microsecond, as the database keeps it.
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(machine_.Now()));
  int configured = 0, resting = 0;
  for (const Way& way : ways_) {
    configured |= way.bit;
    if (way.rests_until > now) resting |= way.bit;
  }
  const absl::Status status = pool_.Transact([&](pg::Tx& tx) {
    bundle.reset();
    tx.Exec(kLockClaims);
    for (const pg::Row row :
         tx.Exec(kClaim, pg::Params(now, now + options_.lease, options_.max_bundle, configured, resting))) {
      if (!bundle) {
        bundle = Bundle{.agency_id = row.Text(2),
                        .language = static_cast<report::v1::Language>(row.Int(7)),
                        .attempts = row.Int32(10),
                        .done = row.Int32(11),
                        .created_at = row.Time(9),
                        .lease = now + options_.lease,
                        .rows = {}};
      }
      bundle->created_at = std::min(bundle->created_at, row.Time(9));
      Row read{.id = row.Int(0),
               .key = row.Text(1),
               .report_id = row.Text(3),
               .child = row.Int32(4),
               .parameters = {},
               .occurred_at = row.Time(8),
               .item = {row.Text(5), {}}};
      google::protobuf::Struct parameters;
      if (!google::protobuf::util::JsonStringToMessage(row.Text(6), &parameters).ok())
        return absl::InternalError("the parameters of a notification are no JSON object");
      for (const auto& [name, value] : parameters.fields()) read.parameters[name] = value.string_value();
      read.item.values = read.parameters;
      read.item.values["report"] = ShowReport(read.report_id, read.child);
      bundle->rows.push_back(std::move(read));
    }
    if (bundle) std::ranges::sort(bundle->rows, {}, &Row::id);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return bundle;
}

Sender::Progress Sender::SendBundle(const Bundle& bundle) {
  Progress progress{.done = bundle.done, .attempts = bundle.attempts};
  const absl::Time now = machine_.Now();
  const Row& first = bundle.rows.front();

  const auto recipient = resolve_(bundle.agency_id, first.report_id);
  if (!recipient.ok()) {
    ++progress.attempts;
    if (!IsOver(bundle, progress.attempts)) {
      LogFailure(runtime::Level::kWarning, "notification.failed", first.key, first.item.name, "none",
                 progress.attempts, recipient.status());
      progress.next_attempt_at = now + Pause(progress.attempts);
      return progress;
    }
    for (Way& way : ways_) {
      if ((progress.done & way.bit) == 0) GiveUp(way, bundle, progress, recipient.status());
    }
    return progress;
  }

  const To to = WaysTo(bundle, *recipient);
  for (const auto& [bit, addresses] : to) progress.ways |= bit;
  if (to.empty() && progress.done == 0) no_address_.Increment(static_cast<double>(bundle.rows.size()));
  bool tried_in_vain = false;
  for (Way& way : ways_) {
    const auto addresses = to.find(way.bit);
    if (addresses == to.end() || (progress.done & way.bit) != 0) continue;
    if (now - bundle.created_at >= kMaxAge) {
      GiveUp(way, bundle, progress, absl::DeadlineExceededError("it is too old to be told"));
      continue;
    }
    if (way.rests_until > now) {
      // Not all at once when it is back.
      progress.next_attempt_at =
          std::min(progress.next_attempt_at, way.rests_until + Pause(progress.attempts));
      continue;
    }
    const absl::Status status = Send(way, bundle, *recipient, addresses->second);
    if (status.ok()) {
      way.next_rest = options_.rest;
      way.sent.Increment(static_cast<double>(bundle.rows.size()));
      progress.done |= way.bit;
      continue;
    }
    if (absl::IsCancelled(status)) {
      progress.next_attempt_at = now;
      continue;
    }
    way.failed.Increment();
    if (absl::IsUnavailable(status)) {
      way.rests_until = machine_.Now() + way.next_rest;
      way.next_rest = std::min(way.next_rest * 2, options_.max_rest);
    }
    if (!std::exchange(tried_in_vain, true)) ++progress.attempts;
    // Refused for good, or our own fault, which another attempt would only repeat.
    const bool hopeless = absl::IsFailedPrecondition(status) || absl::IsInternal(status);
    if (hopeless || IsOver(bundle, progress.attempts)) {
      GiveUp(way, bundle, progress, status);
    } else {
      LogFailure(runtime::Level::kWarning, "notification.failed", first.key, first.item.name, way.name,
                 progress.attempts, status);
      progress.next_attempt_at =
          std::min(progress.next_attempt_at, machine_.Now() + Pause(progress.attempts));
    }
  }
  return progress;
}

// A contact's mail address, or else their number; and for agencies the webhook, too.
Sender::To Sender::WaysTo(const Bundle& bundle, const Recipient& recipient) const {
  const auto has = [&](Bit bit) { return std::ranges::find(ways_, bit, &Way::bit) != ways_.end(); };
  To to;
  for (const Contact& contact : recipient.contacts) {
    if (has(kSmtp) && IsMailAddress(contact.mail)) {
      to[kSmtp].push_back(contact.mail);
    } else if (const std::string number = PhoneNumber(contact.phone); has(kSms) && !number.empty()) {
      to[kSms].push_back(number);
    }
  }
  if (!bundle.agency_id.empty() && has(kWebhook)) to[kWebhook] = {};
  return to;
}

absl::Status Sender::Send(Way& way, const Bundle& bundle, const Recipient& recipient,
                          const std::vector<std::string>& to) {
  std::vector<std::string> keys;
  for (const Row& row : bundle.rows) keys.push_back(row.key);
  Message message{.id = IdOf(keys), .to = to, .subject = {}, .text = {}};

  if (way.bit == kWebhook) {
    for (const Row& row : bundle.rows) {
      message.text +=
          fmt::format(R"({}{{"key":{},"report_id":{},"about":{},"occurred_at":{},"parameters":{}}})",
                      message.text.empty() ? "" : ",", JsonString(row.key),
                      JsonString(report::ToString(row.report_id, row.child)), JsonString(row.item.name),
                      JsonString(absl::FormatTime(absl::RFC3339_full, row.occurred_at, absl::UTCTimeZone())),
                      JsonObject(row.parameters));
    }
    message.text = fmt::format(R"({{"id":{},"agency_id":{},"notifications":[{}]}})", JsonString(message.id),
                               JsonString(bundle.agency_id), message.text);
    return way.channel->Send(message);
  }

  const Templates::Values common = {{"agency", recipient.agency_name}};
  std::vector<Templates::Item> items;
  for (const Row& row : bundle.rows) {
    items.push_back(row.item);
    items.back().values.insert(common.begin(), common.end());
  }
  auto text = items.size() == 1 ? templates_->Render(items.front(), bundle.language)
                                : templates_->RenderDigest(digest_, common, items, bundle.language);
  if (!text.ok()) return text.status();
  message.subject = std::move(text->subject);
  message.text = way.bit == kSms ? message.subject : std::move(text->body);
  return way.channel->Send(message);
}

bool Sender::IsOver(const Bundle& bundle, int attempts) const {
  return attempts >= options_.max_attempts || machine_.Now() - bundle.created_at >= kMaxAge;
}

absl::Duration Sender::Pause(int attempts) {
  return Backoff(attempts, std::uniform_real_distribution<>(0, 1)(random_), options_);
}

void Sender::GiveUp(Way& way, const Bundle& bundle, Progress& progress, const absl::Status& why) {
  progress.done |= way.bit | kGaveUp;
  way.given_up.Increment(static_cast<double>(bundle.rows.size()));
  for (const Row& row : bundle.rows) {
    LogFailure(runtime::Level::kError, "notification.given_up", row.key, row.item.name, way.name,
               progress.attempts, why);
  }
}

absl::Status Sender::Record(const Bundle& bundle, const Progress& progress) {
  pg::Array ids;
  for (const Row& row : bundle.rows) ids.Add(row.id);
  std::optional<absl::Time> next_attempt_at, ended_at;
  int ending = 0;
  if (progress.next_attempt_at == absl::InfiniteFuture()) {
    ended_at = machine_.Now();
    ending = static_cast<int>(progress.done == 0               ? Ending::kNoAddress
                              : (progress.done & kGaveUp) != 0 ? Ending::kGivenUp
                                                               : Ending::kSent);
  } else {
    next_attempt_at = progress.next_attempt_at;
  }
  return pool_.Transact([&](pg::Tx& tx) {
    tx.Exec(kRecord, pg::Params(ids, bundle.lease, progress.done, progress.attempts, next_attempt_at,
                                ended_at, ending, progress.ways));
    return absl::OkStatus();
  });
}

absl::Status Sender::LookAfter() {
  const absl::Time now = machine_.Now();
  next_look_after_ = now + kLookAfterInterval;
  return pool_.Transact([&](pg::Tx& tx) {
    waiting_.Set(static_cast<double>(tx.Exec(kCountWaiting)[0].Int(0)));
    tx.Exec(kForget, pg::Params(now - options_.retention));
    return absl::OkStatus();
  });
}

}  // namespace lapor::notify
