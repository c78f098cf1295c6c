// JSON that is the same bytes whenever it is written again.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lapor::notify {

// A string of UTF-8.
std::string JsonString(std::string_view text);

// An object of strings, in the order of their names.
std::string JsonObject(const std::map<std::string, std::string>& members);

}  // namespace lapor::notify
