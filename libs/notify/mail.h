// Mails as bytes, and which texts are addresses. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/notify/channel.h"

namespace lapor::notify {

// Whether it can stand in an envelope and a header as it is: one @, and nothing that either would read as
// more than an address. Narrower than RFC 5321.
bool IsMailAddress(std::string_view text);

// A telephone number in digits, with + in front if it has one: without spaces, hyphens, dots and parentheses.
// Empty when it is none.
std::string PhoneNumber(std::string_view text);

// RFC 5322 and MIME, all in ASCII. Several recipients don't see each other.
std::string ComposeMail(const Message& message, const std::string& from, absl::Time date);

}  // namespace lapor::notify
