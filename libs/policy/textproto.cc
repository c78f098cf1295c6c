#include "libs/policy/textproto.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

namespace lapor::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

class CollectErrors final : public google::protobuf::io::ErrorCollector {
 public:
  CollectErrors(const std::filesystem::path& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // Counts lines and columns from 0; a line below 0 is the file.
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    diagnostics_.Add(file_, line + 1, fmt::format("column {}: {}", column + 1, message));
  }

 private:
  const std::filesystem::path& file_;
  Diagnostics& diagnostics_;
};

void RecordLines(const Message& message, TextFormat::ParseInfoTree& tree, MessageLines& lines) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const int index = field->is_repeated() ? i : -1;
      const Message& child = field->is_repeated()
                                 ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                                 : message.GetReflection()->GetMessage(message, field);
      lines[&child] = tree.GetLocation(field, index).line + 1;
      if (auto* child_tree = tree.GetTreeForNested(field, index)) RecordLines(child, *child_tree, lines);
    }
  }
}

}  // namespace

std::optional<MessageLines> ReadTextproto(const std::filesystem::path& file, Message& root,
                                          Diagnostics& diagnostics) {
  const std::optional<std::string> text = ReadDataFile(file, diagnostics);
  if (!text) return std::nullopt;
  CollectErrors errors(file, diagnostics);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(*text, &root)) return std::nullopt;
  MessageLines lines{{&root, 1}};
  RecordLines(root, tree, lines);
  return lines;
}

}  // namespace lapor::policy
