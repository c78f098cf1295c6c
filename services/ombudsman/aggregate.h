// The Ombudsman as the batch executor sees it.
#pragma once

#include <memory>

#include "libs/eventlog/executor.h"
#include "libs/policy/policy.h"
#include "libs/policy/reference.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman {

using Aggregate = eventlog::Aggregate<Escalation, Command, Record>;
using Executor = eventlog::Executor<Aggregate>;

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy, policy::Offices offices);

}  // namespace lapor::ombudsman
