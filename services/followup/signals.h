// Signs in the words of an answer that closing counted more than solving. They refuse nothing, and say
// nothing for sure: people look at the figures. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "lapor/policy/v1/policy.pb.h"

namespace lapor::followup {

// Whether the text sends its reader to another door, in one of the phrases of the policy. Case, accents and
// punctuation don't matter.
bool PointsElsewhere(std::string_view text, const policy::v1::AnswerSignals& signals);

// The same for texts of the same words in the same order; as good as never for others. The report's id counts
// for no word, for templates put it in.
int64_t WordsHash(std::string_view text, std::string_view report_id);

}  // namespace lapor::followup
