#include "libs/rpc/wire.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "google/protobuf/unknown_field_set.h"
#include "libs/decision/refusal.h"
#include "libs/decision/utf8.h"

namespace lapor::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// The path of the first text that is not UTF-8.
std::optional<std::string> FindBadText(const Descriptor& type, const std::string& bytes) {
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return std::nullopt;
  std::map<int, int> seen;  // by the number of the field: how many of it
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr) continue;
    const int index = seen[field.number()]++;
    const std::string path =
        known->is_repeated() ? fmt::format("{}[{}]", known->name(), index) : known->name();
    if (known->type() == FieldDescriptor::TYPE_STRING && !decision::Inspect(field.length_delimited()).valid)
      return path;
    if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      if (const auto inner = FindBadText(*known->message_type(), field.length_delimited())) {
        return fmt::format("{}.{}", path, *inner);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

absl::Status WhyUndecodable(const Descriptor& type, const std::string& bytes) {
  if (const auto field = FindBadText(type, bytes)) {
    return decision::Refuse(absl::StatusCode::kInvalidArgument, *field, "is not UTF-8", "encode it as UTF-8");
  }
  return decision::Refuse(absl::StatusCode::kInvalidArgument, "request",
                          fmt::format("is not a {}", type.full_name()),
                          "make the request with code generated from the published protos");
}

std::string BytesOf(const Bytes& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace lapor::rpc
