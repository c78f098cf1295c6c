// What reporters are told of their report, and when.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lapor/event/v1/event.pb.h"
#include "libs/notify/outbox.h"
#include "libs/notify/sender.h"
#include "libs/notify/templates.h"
#include "libs/pg/pool.h"
#include "libs/policy/policy.h"
#include "services/intake/identity_vault.h"

namespace lapor::intake {

// The texts of NoticeOf: deploy/notify/reporter-*.txt.
inline constexpr char kNoticePrefix[] = "reporter-";
std::vector<notify::TemplateSpec> NoticeTemplates();

// What an event means to the reporter, who counts days in this zone; nothing for what they did themselves and
// for most of what others do. Pure.
std::optional<notify::Notification> NoticeOf(const event::v1::Event& event, report::v1::TimeZone zone);

// For Aggregate::observe: keeps in the outbox what is to be told to reporters of whom intake knows who they
// are.
std::function<void(pg::Tx&, const std::vector<const event::v1::Event*>&)> TellReporters(
    std::shared_ptr<const policy::Policy> policy, std::shared_ptr<const notify::Outbox> outbox);

// Where a reporter is reached, from the vault. `pool` must outlive it.
notify::Sender::Resolve FindReporter(pg::Pool& pool, std::shared_ptr<const IdentityVault> vault);

}  // namespace lapor::intake
