// Routing as the batch executor sees it.
#pragma once

#include <memory>
#include <string>

#include "libs/eventlog/executor.h"
#include "libs/policy/policy.h"
#include "services/routing/domain.h"
#include "services/routing/registry_watch.h"

namespace lapor::routing {

using RoutingAggregate = eventlog::Aggregate<Route, Command, Record>;
using RoutingExecutor = eventlog::Executor<RoutingAggregate>;

// What MergeReport, and UnmergeReport, means to the lead: part of the same request or order.
RoutingExecutor::Counterpart TakenBy(const std::string& lead_report_id, const Actor& actor);
RoutingExecutor::Counterpart ReleasedBy(const std::string& lead_report_id);

RoutingAggregate MakeAggregate(std::shared_ptr<const policy::Policy> policy,
                               std::shared_ptr<RegistryWatch> registry);

}  // namespace lapor::routing
