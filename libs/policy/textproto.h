// Protobuf text files, with the line on which each message of them begins.
#pragma once

#include <google/protobuf/message.h>

#include <filesystem>
#include <optional>
#include <unordered_map>

#include "libs/policy/data_file.h"

namespace lapor::policy {

// Messages are known by their address, so the root must stay where it was read.
using MessageLines = std::unordered_map<const google::protobuf::Message*, int>;

// Reads `file` into `root`. Nothing, and diagnostics with line and column, when it is not of root's type.
std::optional<MessageLines> ReadTextproto(const std::filesystem::path& file, google::protobuf::Message& root,
                                          Diagnostics& diagnostics);

}  // namespace lapor::policy
