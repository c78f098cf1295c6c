// Who may read a report, and whether they may know the reporter's name. Pure.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/token.h"
#include "services/intake/domain.h"

namespace lapor::intake {

struct Sight {
  bool reporter_name = false;
};

// What this caller may see of the report. `proof` is the hash of the receipt secret that they gave, which
// makes them its reporter; without `gave_receipt` their token says who they are.
//
//   reader                           when                               the name
//   reporter                         with the receipt secret            no: a found receipt must not tell it
//   officers, agency administrators  their agency holds the report      unless anonymous or secret
//                                    or a child assignment of it
//   agency administrators            an agency below theirs holds it    no
//   administrators of triage         always                             unless anonymous or secret
//   arbiters of an agency            it decides, or the holder is it    no
//                                    or below it
//   national arbiters                always                             no
//   monitors, services               always                             no
//   Ombudsman                        once the reporter asked or agreed  yes
//                                    in the rapid-response lane         no, until the reporter agrees
//
// A merged report is with whom its lead is with: `lead`, null for any other report, then says which agencies
// and arbiters read it; the name and the Ombudsman are each report's own matter.
//
// Everybody else, and a wrong secret, is a refusal: PERMISSION_DENIED, or UNAUTHENTICATED without token and
// receipt.
absl::StatusOr<Sight> MayRead(const Report& report, const Report* lead, const rpc::Caller& caller,
                              bool gave_receipt, const std::string& proof);

}  // namespace lapor::intake
