// What the officers of the Ombudsman's offices are told of their cases, and when.
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
#include "libs/policy/reference.h"

namespace lapor::ombudsman {

// The texts of NoticeOf: deploy/notify/ombudsman-*.txt.
inline constexpr char kNoticePrefix[] = "ombudsman-";
std::vector<notify::TemplateSpec> NoticeTemplates();

// What an event of this service, or the reporter's consent, means to `office`, which has the case; nothing,
// mostly. `check_owed`: the rapid-response lane went past the formal check, which waits for that consent.
// Days are those of the office's zone. What has run out and danger to life are told at once, the rest in a
// digest. Pure.
std::optional<notify::Notification> NoticeOf(const event::v1::Event& event, const policy::Office& office,
                                             bool check_owed);

// For Aggregate::observe: keeps in the outbox what is to be told to offices.
std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> TellOffices(
    policy::Offices offices, std::shared_ptr<const notify::Outbox> outbox);

// Where an office, whose code stands for an agency's id, is reached.
notify::Sender::Resolve FindContacts(policy::Offices offices);

}  // namespace lapor::ombudsman
