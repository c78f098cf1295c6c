// The formal check, UU 37/2008 art. 23, 24 and 36: ground by ground, each with a verdict and what it rests
// on. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lapor/event/v1/ombudsman.pb.h"
#include "lapor/policy/v1/policy.pb.h"
#include "services/ombudsman/domain.h"

namespace lapor::ombudsman {

// A verdict on every ground, in their order. What counts is when the reporter came, not when an officer found
// the time; `now` stands for it while the reporter has not. Of each ground there is at most one judgement.
std::vector<event::v1::GroundVerdict> Judge(const Escalation& escalation, const policy::v1::Limits& limits,
                                            const std::vector<Judgement>& judgements, absl::Time now);

bool IsEligible(const std::vector<event::v1::GroundVerdict>& verdicts);

// As "UU 37/2008 art. 24(1)(a)".
std::string SourceOf(event::v1::Ground ground);
// How sure it is that the source says so.
policy::v1::Confidence ConfidenceOf(event::v1::Ground ground);
// What would make an unmet ground met, for people, in English.
std::string RemedyOf(event::v1::Ground ground);

}  // namespace lapor::ombudsman
