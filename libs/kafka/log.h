#pragma once

#include <functional>
#include <string>

namespace lapor::kafka {

enum class Severity { kDebug, kInfo, kWarning, kError };

// Called with what the Kafka client has to say ("client-id: text"), from threads of the client: it must be
// thread-safe, quick and must not call back into this library.
using LogSink = std::function<void(Severity, const std::string& text)>;

// Where the log of all clients of this process goes. Call it once, before the first client is created;
// without it nothing is written anywhere.
void SetLogSink(LogSink sink);

}  // namespace lapor::kafka
