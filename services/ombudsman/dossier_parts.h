// The parts of a dossier that other services have, asked for on behalf of whoever exports it: each service
// decides what its caller may read.
#pragma once

#include <functional>

#include "lapor/ombudsman/v1/dossier.pb.h"
#include "libs/eventlog/peers.h"
#include "libs/rpc/call.h"

namespace lapor::ombudsman {

// Adds the report, the agency's case and the hands, or says in `omissions` why one of them is left out.
// Blocks until all have answered, at most for kPartDeadline each.
using AddParts = std::function<void(const rpc::Call& call, v1::Dossier& dossier)>;

// The report as intake told it, without what no dossier carries; says so where its answers are missing.
void AddReport(intake::v1::Report report, v1::Dossier& dossier);

inline constexpr absl::Duration kPartDeadline = absl::Seconds(2);

// Asks intake, followup and routing of --peer. `peers` outlives the calls.
AddParts AskPeers(eventlog::Peers& peers);

}  // namespace lapor::ombudsman
