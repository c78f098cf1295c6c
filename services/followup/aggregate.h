// Followup as the batch executor sees it.
#pragma once

#include <memory>

#include "libs/eventlog/executor.h"
#include "libs/policy/policy.h"
#include "services/followup/domain.h"

namespace lapor::followup {

using Aggregate = eventlog::Aggregate<Case, Command, Record>;
using Executor = eventlog::Executor<Aggregate>;

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy);

}  // namespace lapor::followup
