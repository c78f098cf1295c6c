// The words of the house: what enums are called in commands, and how people read them, in English with the
// Indonesian term. Pure; thread-safe.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lapor::telling {

// How commands take a value: "information-request" for REPORT_CLASS_INFORMATION_REQUEST; a number for a value
// that this program doesn't know.
std::string Word(const google::protobuf::EnumDescriptor& type, int value);
template <class Enum>
std::string Word(Enum value) {
  return Word(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// All words of a type but "unspecified", in the order of their numbers.
std::vector<std::string> WordsOf(const google::protobuf::EnumDescriptor& type);

// Reads a word in either case, with hyphens or underscores, with or without the type's prefix; false if it is
// none, and for "unspecified".
bool ReadWord(const google::protobuf::EnumDescriptor& type, std::string_view text, int* value);

// How people read a value: "information request (permintaan informasi)"; "" for UNSPECIFIED.
std::string Label(const google::protobuf::EnumDescriptor& type, int value);
template <class Enum>
std::string Label(Enum value) {
  return Label(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// "1 report", "3 reports".
std::string CountOf(int64_t count, const char* one, const char* many);

std::string Joined(const std::vector<std::string>& parts, const char* between);

}  // namespace lapor::telling
