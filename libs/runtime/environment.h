#pragma once

namespace lapor::runtime {

// Where a process runs. kProduction, the default, refuses a simulated clock, gRPC without TLS, and the
// secrets that deploy/local/tls.sh makes; kLocal is for the demo, tests and a developer's machine.
enum class Environment { kProduction, kLocal };

}  // namespace lapor::runtime
