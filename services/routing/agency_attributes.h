// What an agency's attributes have to be by themselves, and how they are shown. Pure.
#pragma once

#include <functional>
#include <string>

#include "google/protobuf/repeated_field.h"
#include "lapor/event/v1/routing.pb.h"

namespace lapor::routing {

// Tells that a field is wrong: its name within the agency, the rule, the remedy.
using Reject = std::function<void(const std::string& field, std::string rule, std::string remedy)>;

void CheckTeamDecree(const event::v1::TeamDecree& decree, const Reject& reject);
void CheckActionPlan(const event::v1::ActionPlan& plan, const Reject& reject);
void CheckApplicationId(const std::string& id, const Reject& reject);
void CheckServiceHours(const google::protobuf::RepeatedPtrField<event::v1::ServiceHours>& hours,
                       const Reject& reject);

// As "188/Kep.12/2024 of 2024-03-01".
std::string Show(const event::v1::TeamDecree& decree);
// As "RA-7/2024, 2024-01-01 to 2025-12-31".
std::string Show(const event::v1::ActionPlan& plan);
// As "mon 08:00-12:00, mon 13:00-16:00".
std::string Show(const google::protobuf::RepeatedPtrField<event::v1::ServiceHours>& hours);

}  // namespace lapor::routing
