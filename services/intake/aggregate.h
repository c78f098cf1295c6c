// Intake as the batch executor sees it.
#pragma once

#include <memory>

#include "libs/eventlog/executor.h"
#include "libs/policy/policy.h"
#include "services/intake/domain.h"

namespace lapor::intake {

using Aggregate = eventlog::Aggregate<Report, Command, Record>;
using Executor = eventlog::Executor<Aggregate>;

Aggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy);

}  // namespace lapor::intake
