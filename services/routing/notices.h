// What officers are told of their agency's reports, and when.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lapor/event/v1/event.pb.h"
#include "libs/notify/outbox.h"
#include "libs/notify/sender.h"
#include "libs/notify/templates.h"
#include "libs/pg/tx.h"
#include "services/routing/registry_watch.h"

namespace lapor::routing {

// The texts of NoticeOf: deploy/notify/officer-*.txt.
inline constexpr char kNoticePrefix[] = "officer-";
std::vector<notify::TemplateSpec> NoticeTemplates();

// What an event means to the officers of the agency that it says, or else of whoever holds the report
// (`holder`; empty for nobody); nothing, mostly. Days are those of that agency's zone. What has run out, an
// appeal and what the Ombudsman sends is told at once, the rest in a digest. Pure.
std::optional<notify::Notification> NoticeOf(const event::v1::Event& event, const std::string& holder,
                                             const Registry& registry);

// For Aggregate::observe: keeps in the outbox what is to be told to officers.
std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> TellOfficers(
    std::shared_ptr<const RegistryWatch> registry, std::shared_ptr<const notify::Outbox> outbox);

// Where the liaison officers of an agency are reached. One that has none, or has ended, isn't.
notify::Sender::Resolve FindOfficers(std::shared_ptr<const RegistryWatch> registry);

}  // namespace lapor::routing
