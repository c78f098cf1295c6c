#pragma once

#include <string>

namespace lapor::eventlog {

// A random UUID (version 4) in its usual 36 characters. Drawn outside decisions: ids arrive in commands.
std::string NewUuid();

}  // namespace lapor::eventlog
