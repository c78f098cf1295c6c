// Whether a service serves, as gRPC's own health service says.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lapor::client {

// Asks the server at `address` ("host:port"), whose certificate the authority in `tls_ca_file` signed. OK
// when it serves; UNAVAILABLE when it says that it doesn't (it starts or stops) or can't be reached within
// `limit`. Needs no token.
absl::Status CheckHealth(const std::string& address, const std::string& tls_ca_file, absl::Duration limit);

}  // namespace lapor::client
