#include "services/intake/wire.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "google/protobuf/unknown_field_set.h"
#include "libs/decision/refusal.h"
#include "services/intake/utf8.h"

namespace lapor::intake {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// The path of the first text that is not UTF-8.
std::optional<std::string> FindBadText(const Descriptor& type, const std::string& bytes) {
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) return std::nullopt;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr) continue;
    if (known->type() == FieldDescriptor::TYPE_STRING && !Inspect(field.length_delimited()).valid) {
      return known->name();
    }
    if (known->type() == FieldDescriptor::TYPE_MESSAGE) {
      if (const auto inner = FindBadText(*known->message_type(), field.length_delimited())) {
        return fmt::format("{}.{}", known->name(), *inner);
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

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace lapor::intake
