#!/usr/bin/env python3
"""Writes docs/events.md and docs/api/*.md from the docstrings of proto/lapor.

Usage: docs.py DESCRIPTORS DOCS, where DESCRIPTORS is what protoc --include_source_info --include_imports
--descriptor_set_out wrote.
"""

import pathlib
import sys

from google.protobuf import descriptor_pb2 as pb

SCALARS = {
    pb.FieldDescriptorProto.TYPE_STRING: "string",
    pb.FieldDescriptorProto.TYPE_BYTES: "bytes",
    pb.FieldDescriptorProto.TYPE_BOOL: "bool",
    pb.FieldDescriptorProto.TYPE_INT32: "int32",
    pb.FieldDescriptorProto.TYPE_INT64: "int64",
    pb.FieldDescriptorProto.TYPE_DOUBLE: "double",
}
OWNERS = ("intake", "routing", "followup", "ombudsman")
NOTE = "<!-- Generated from proto/ by make docs; edit the docstrings there. -->\n\n"


class File:
    """A proto file with the comment of each of its elements."""

    def __init__(self, proto):
        self.proto = proto
        self.comments = {tuple(l.path): l.leading_comments for l in proto.source_code_info.location}

    def comment(self, *path):
        return " ".join(self.comments.get(path, "").split())

    def header(self):
        detached = self.comments.get((12,), "")  # what stands before `syntax`
        return " ".join(detached.split())


def type_name(field):
    name = SCALARS.get(field.type) or field.type_name.removeprefix(".").removeprefix("lapor.")
    if field.proto3_optional:
        return "optional " + name
    return "repeated " + name if field.label == pb.FieldDescriptorProto.LABEL_REPEATED else name


def fields_table(file, path, message):
    if not message.field:
        return "No fields.\n\n"
    lines = ["| field | type | |", "|---|---|---|"]
    for i, field in enumerate(message.field):
        text = file.comment(*path, 2, i).replace("|", "\\|")
        lines.append(f"| `{field.name}` | {type_name(field)} | {text} |")
    return "\n".join(lines) + "\n\n"


def enum_table(file, index, enum):
    lines = ["| value | number | |", "|---|---|---|"]
    for i, value in enumerate(enum.value):
        lines.append(f"| `{value.name}` | {value.number} | {file.comment(5, index, 2, i)} |")
    return "\n".join(lines) + "\n\n"


def heading(level, title, comment):
    return f"{'#' * level} {title}\n\n" + (f"{comment}\n\n" if comment else "")


def write_message(file, path, message, prefix=""):
    """A message and, behind it, those that are declared in it; not the entries of maps, which nobody declared."""
    name = prefix + message.name
    text = heading(3, name, file.comment(*path)) + fields_table(file, path, message)
    for i, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            text += write_message(file, (*path, 3, i), nested, name + ".")
    return text


def write_types(file):
    text = ""
    for i, message in enumerate(file.proto.message_type):
        text += write_message(file, (4, i), message)
    for i, enum in enumerate(file.proto.enum_type):
        text += heading(3, enum.name, file.comment(5, i)) + enum_table(file, i, enum)
    return text


def events(files):
    envelope_file = files["lapor/event/v1/event.proto"]
    envelope = envelope_file.proto.message_type[0]
    text = "# Events\n\n" + NOTE + envelope_file.header() + "\n\n"
    text += f"## The envelope\n\n{envelope_file.comment(4, 0)}\n\n"
    plain = pb.DescriptorProto(name=envelope.name, field=[f for f in envelope.field if not f.HasField("oneof_index")])
    text += fields_table(envelope_file, (4, 0), plain)
    numbers = {f.type_name.rsplit(".", 1)[1]: f.number for f in envelope.field if f.HasField("oneof_index")}
    for owner in OWNERS:
        file = files[f"lapor/event/v1/{owner}.proto"]
        text += f"## Written by {owner}\n\n{file.header()}\n\n"
        for i, message in enumerate(file.proto.message_type):
            number = f" ({numbers[message.name]})" if message.name in numbers else ""
            text += heading(3, message.name + number, file.comment(4, i))
            text += fields_table(file, (4, i), message)
        for i, enum in enumerate(file.proto.enum_type):
            text += heading(3, enum.name, file.comment(5, i)) + enum_table(file, i, enum)
    return text


def api(file):
    text = f"# {file.proto.package}\n\n" + NOTE + file.header() + "\n\n"
    for s, service in enumerate(file.proto.service):
        text += heading(2, service.name, file.comment(6, s))
        for m, method in enumerate(service.method):
            request, response = (t.rsplit(".", 1)[1] for t in (method.input_type, method.output_type))
            request = ("stream " if method.client_streaming else "") + request
            response = ("stream " if method.server_streaming else "") + response
            text += heading(3, f"{method.name}({request}) → {response}", file.comment(6, s, 2, m))
    return text + ("## Messages\n\n" + write_types(file) if file.proto.message_type or file.proto.enum_type else "")


def main():
    descriptors, docs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    file_set = pb.FileDescriptorSet.FromString(descriptors.read_bytes())
    files = {f.name: File(f) for f in file_set.file if f.name.startswith("lapor/")}
    (docs / "events.md").write_text(events(files))
    pages = docs / "api"
    pages.mkdir(exist_ok=True)
    index = "# API\n\n" + NOTE + "| package | |\n|---|---|\n"
    for name, file in sorted(files.items()):
        if name.startswith("lapor/event/"):
            continue
        page = name.removeprefix("lapor/").replace("/v1", "").replace("/", "-").removesuffix(".proto") + ".md"
        (pages / page).write_text(api(file))
        index += f"| [{file.proto.package}: {pathlib.Path(name).stem}]({page}) | {file.header()} |\n"
    (pages / "README.md").write_text(index)


main()
