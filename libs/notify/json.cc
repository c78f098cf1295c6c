#include "libs/notify/json.h"

#include <fmt/format.h>

namespace lapor::notify {

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < ' ') {
      json += fmt::format("\\u{:04x}", c);
    } else {
      json += c;
    }
  }
  return json + "\"";
}

std::string JsonObject(const std::map<std::string, std::string>& members) {
  std::string json = "{";
  for (const auto& [name, value] : members) {
    if (json.size() > 1) json += ",";
    json += JsonString(name) + ":" + JsonString(value);
  }
  return json + "}";
}

}  // namespace lapor::notify
