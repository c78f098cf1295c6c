#include "services/routing/testing/country.h"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "libs/decision/proto_time.h"
#include "libs/report/assignment_id.h"

namespace lapor::routing {

using event::v1::AgencyKind;

std::shared_ptr<const policy::Policy> ShippedPolicy() {
  static const auto policy = [] {
    const std::filesystem::path source = getenv("LAPOR_SOURCE_DIR");
    auto loaded = policy::Policy::Load(source / "deploy/policy", source / "deploy/reference");
    if (!loaded.ok()) throw std::runtime_error(loaded.status().ToString());
    return *loaded;
  }();
  return policy;
}

std::shared_ptr<const policy::Competence> ShippedRules() {
  static const auto rules = [] {
    const std::filesystem::path source = getenv("LAPOR_SOURCE_DIR");
    const auto agencies = policy::ReadAgencies(source / "deploy/reference");
    if (!agencies.ok()) throw std::runtime_error(agencies.status().ToString());
    auto loaded = policy::Competence::Load(source / "deploy/policy", ShippedPolicy(), *agencies);
    if (!loaded.ok()) throw std::runtime_error(loaded.status().ToString());
    return *loaded;
  }();
  return rules;
}

std::shared_ptr<const reading::Reader> ShippedReader() {
  static const auto reader = [] {
    const std::filesystem::path source = getenv("LAPOR_SOURCE_DIR");
    auto loaded = reading::Reader::Load(source / "deploy/reference");
    if (!loaded.ok()) throw std::runtime_error(loaded.status().ToString());
    return std::make_shared<const reading::Reader>(*std::move(loaded));
  }();
  return reader;
}

v1::Agency AgencyRow(const std::string& id, const std::string& parent_id, AgencyKind kind,
                     const std::string& region, report::v1::TimeZone zone) {
  v1::Agency agency;
  agency.set_agency_id(id);
  agency.set_name("Agency " + id);
  agency.set_kind(kind);
  agency.set_parent_id(parent_id);
  agency.set_region(region);
  agency.set_time_zone(zone);
  return agency;
}

std::vector<v1::Agency> Country() {
  v1::Agency with_application = AgencyRow("id.32.73.dpupr", "id.32.73", event::v1::AGENCY_KIND_UNIT, "32.73");
  with_application.set_application_id("dpupr-bandung");
  return {
      AgencyRow("id", "", event::v1::AGENCY_KIND_NATIONAL),
      AgencyRow("id.kemenkes", "id", event::v1::AGENCY_KIND_NATIONAL),
      AgencyRow("id.kemendagri", "id", event::v1::AGENCY_KIND_NATIONAL),
      AgencyRow("id.32", "id.kemendagri", event::v1::AGENCY_KIND_PROVINCE, "32"),
      AgencyRow("id.32.73", "id.32", event::v1::AGENCY_KIND_CITY, "32.73"),
      AgencyRow("id.32.73.dinkes", "id.32.73", event::v1::AGENCY_KIND_UNIT, "32.73"),
      with_application,
      AgencyRow("id.81", "id.kemendagri", event::v1::AGENCY_KIND_PROVINCE, "81", report::v1::TIME_ZONE_WIT),
  };
}

const Registry& CountryRegistry() {
  static const Registry registry = [] { return RegistryAfter(Registry(), Country()); }();
  return registry;
}

Registry RegistryAfter(const Registry& registry, const std::vector<v1::Agency>& rows,
                       const std::vector<std::string>& fields) {
  google::protobuf::FieldMask mask;
  mask.mutable_paths()->Add(fields.begin(), fields.end());
  const auto changes = PlanChange(registry, rows, mask, *ShippedPolicy());
  if (!changes.ok()) throw std::runtime_error(changes.status().ToString());
  return After(registry, *changes);
}

v1::Agency EndingRow(const std::string& id, event::v1::AgencyChange change,
                     const std::vector<std::string>& successor_ids) {
  v1::Agency row;
  row.set_agency_id(id);
  row.set_ended(change);
  for (const std::string& successor_id : successor_ids) row.add_successors()->set_agency_id(successor_id);
  return row;
}

const Registry& RegistryWithoutCity() {
  static const Registry registry =
      RegistryAfter(CountryRegistry(),
                    {EndingRow("id.32.73", event::v1::AGENCY_CHANGE_MERGED, {"id.32"}),
                     EndingRow("id.32.73.dinkes", event::v1::AGENCY_CHANGE_MERGED, {"id.32"}),
                     EndingRow("id.32.73.dpupr", event::v1::AGENCY_CHANGE_CLOSED, {"id.32"})},
                    kEnded);
  return registry;
}

Actor ActorWith(report::v1::Role role, const std::string& agency_id) {
  Actor actor;
  actor.set_role(role);
  actor.set_agency_id(agency_id);
  return actor;
}

Actor Triage() { return ActorWith(report::v1::ROLE_TRIAGE, kRootAgencyId); }
Actor OfficerOf(const std::string& agency_id) { return ActorWith(report::v1::ROLE_OFFICER, agency_id); }
Actor AdministratorOf(const std::string& agency_id) {
  return ActorWith(report::v1::ROLE_AGENCY_ADMIN, agency_id);
}
Actor ArbiterOf(const std::string& agency_id) { return ActorWith(report::v1::ROLE_ARBITER, agency_id); }

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d%ET%H:%M%Ez", text, &time, &error))
    throw std::runtime_error(text + ": " + error);
  return time;
}

ReceiveReport Submission() {
  ReceiveReport submission;
  submission.report.set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  submission.report.set_category("health");
  submission.report.set_region("32.73");
  submission.report.set_policy_version(kPolicyVersion);
  submission.at = At("2025-03-04T10:00+07:00");
  return submission;
}

absl::Status Journey::Do(const Command& command) {
  auto decided = Decide(route, command, now, *policy, *registry);
  if (!decided.ok()) return decided.status();
  last = *std::move(decided);
  route = last.next;
  events.insert(events.end(), last.events.begin(), last.events.end());
  for (const Handover& handover : last.records) {
    const int child = report::ParseAssignmentId(handover.report_id).child;
    (child == 0 ? handovers : child_handovers[child]).push_back(handover);
  }
  for (const decision::DeadlineChange& change : last.deadlines) {
    auto& open = change.child == 0 ? deadlines : child_deadlines[change.child];
    open.erase(change.clock);
    // As the database keeps it.
    if (change.due_at) open[change.clock] = absl::FromUnixMicros(absl::ToUnixMicros(*change.due_at));
  }
  return absl::OkStatus();
}

const Route& Journey::RouteOf(int child) const {
  return child == 0 ? route : route.children.at(static_cast<size_t>(child) - 1);
}

Journey& Journey::Must(const Command& command) {
  if (const absl::Status status = Do(command); !status.ok()) throw std::runtime_error(status.ToString());
  return *this;
}

absl::Status Merge(Journey& follower, Journey& lead) {
  Journey merged = follower;
  if (auto status = merged.Do(MergeReport{Triage(), lead.route.id}); !status.ok()) return status;
  if (auto status = lead.Do(TakeFollower{std::make_shared<Route>(merged.route), Triage()}); !status.ok())
    return status;
  follower = merged;
  return absl::OkStatus();
}

absl::Status Unmerge(Journey& follower, Journey& lead, event::v1::UnmergeReason reason) {
  if (auto status = follower.Do(UnmergeReport{Triage(), lead.route.id, reason}); !status.ok()) return status;
  return lead.Do(ReleaseFollower{});
}

}  // namespace lapor::routing
