#include "libs/notify/outbox.h"

#include <fmt/format.h>

#include "absl/time/civil_time.h"
#include "libs/decision/proto_time.h"
#include "libs/notify/json.h"

namespace lapor::notify {
namespace {

const pg::Statement kAdd{"notification_add", R"sql(
  INSERT INTO notification (key, bundle, agency_id, report_id, child, template, parameters, language, occurred_at,
                            created_at, next_attempt_at)
  SELECT key, bundle, agency_id, report_id, child, template, parameters, language, occurred_at, $10, next_attempt_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::jsonb[], $8::smallint[],
              $9::timestamptz[], $11::timestamptz[])
    AS new (key, bundle, agency_id, report_id, child, template, parameters, language, occurred_at, next_attempt_at)
  ON CONFLICT (key) DO NOTHING)sql"};

absl::TimeZone ZoneOf(report::v1::TimeZone zone) {
  const int hours = zone == report::v1::TIME_ZONE_WIT ? 9 : zone == report::v1::TIME_ZONE_WITA ? 8 : 7;
  return absl::FixedTimeZone(hours * 60 * 60);
}

// In which a term that ends then was counted, in days: at the end of a day of at most one of them. Of a term
// in hours, the reader's.
absl::TimeZone CountedIn(absl::Time end, report::v1::TimeZone readers) {
  for (const auto zone : {report::v1::TIME_ZONE_WIB, report::v1::TIME_ZONE_WITA, report::v1::TIME_ZONE_WIT}) {
    const absl::TimeZone counted = ZoneOf(zone);
    if (absl::FromCivil(absl::ToCivilDay(end, counted), counted) == end) return counted;
  }
  return ZoneOf(readers);
}

}  // namespace

std::string LastDay(absl::Time end, report::v1::TimeZone zone) {
  return absl::FormatCivilTime(absl::ToCivilDay(end - absl::Microseconds(1), CountedIn(end, zone)));
}

void Outbox::Add(pg::Tx& tx, const std::vector<Told>& told) const {
  const absl::Time oldest = clock_.Now() - kMaxAge;
  const absl::Time now = machine_.Now();
  // The end of the interval, the same for all that falls into it.
  const absl::Time digest_at =
      absl::UnixEpoch() + absl::Floor(now - absl::UnixEpoch(), digest_interval_) + digest_interval_;
  pg::Array key, bundle, agency_id, report_id, child, template_name, parameters, language, occurred_at,
      next_attempt_at;
  for (const auto& [event, notification] : told) {
    if (decision::FromProto(event->occurred_at()) < oldest) continue;
    const std::string this_key = event->event_id() + "/" + notification.agency_id;
    key.Add(this_key);
    bundle.Add(notification.in_digest
                   ? fmt::format("{}/{}", notification.agency_id, absl::ToUnixSeconds(digest_at))
                   : this_key);
    agency_id.Add(notification.agency_id);
    report_id.Add(notification.report_id);
    child.Add(notification.child);
    template_name.Add(notification.template_name);
    parameters.Add(JsonObject(notification.parameters));
    language.Add(static_cast<int>(notification.language));
    occurred_at.Add(decision::FromProto(event->occurred_at()));
    next_attempt_at.Add(notification.in_digest ? digest_at : now);
  }
  if (key.size() == 0) return;
  tx.Exec(kAdd, pg::Params(std::move(key), std::move(bundle), std::move(agency_id), std::move(report_id),
                           std::move(child), std::move(template_name), std::move(parameters),
                           std::move(language), std::move(occurred_at), now, std::move(next_attempt_at)));
}

}  // namespace lapor::notify
