#include "services/ombudsman/dossier.h"

#include <archive.h>
#include <archive_entry.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "services/ombudsman/documents.h"

namespace lapor::ombudsman {
namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  // What is not met is to be read there, not to be missed.
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) return absl::InternalError("a part can't be written as JSON");
  return json;
}

// Everything that the case refers to and that is kept elsewhere.
void AddAttachments(const v1::Dossier& dossier, v1::Manifest& manifest) {
  const auto add = [&](const auto& attachments) {
    manifest.mutable_attachments()->Add(attachments.begin(), attachments.end());
  };
  add(dossier.report().attachments());
  for (const intake::v1::Response& response : dossier.report().responses()) add(response.evidence());
  for (const intake::v1::Response& response : dossier.report().lead().responses()) add(response.evidence());
  for (const v1::Document& document : dossier.documents()) {
    add(document.attachments());
    for (const v1::Reply& reply : document.replies()) add(reply.attachments());
  }
}

// Zips `files`, all of the time `at`. libarchive writes into `zipped` through its callbacks.
absl::StatusOr<std::string> Zip(const Files& files, int64_t at_seconds) {
  std::string zipped;
  const std::unique_ptr<archive, decltype(&archive_write_free)> zip(archive_write_new(), archive_write_free);
  const auto take = [](archive*, void* to, const void* bytes, size_t size) -> la_ssize_t {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  const auto failed = [&] {
    const char* why = archive_error_string(zip.get());
    return absl::InternalError(fmt::format("the archive can't be written: {}", why == nullptr ? "" : why));
  };
  if (archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(zip.get(), 1) != ARCHIVE_OK ||  // no padding
      archive_write_open(zip.get(), &zipped, nullptr, take, nullptr) != ARCHIVE_OK) {
    return failed();
  }
  for (const auto& [name, content] : files) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_mtime(entry.get(), at_seconds, 0);
    if (archive_write_header(zip.get(), entry.get()) != ARCHIVE_OK) return failed();
    const auto written = archive_write_data(zip.get(), content.data(), content.size());
    if (written != static_cast<la_ssize_t>(content.size())) return failed();
  }
  if (archive_write_close(zip.get()) != ARCHIVE_OK) return failed();
  return zipped;
}

}  // namespace

absl::StatusOr<std::string> PackDossier(const v1::Dossier& dossier) {
  auto json = ToJson(dossier);
  if (!json.ok()) return json.status();
  Files files = {{"dossier.json", *std::move(json)}, {"dossier.html", DossierPage(dossier)}};

  v1::Manifest manifest;
  manifest.set_report_id(dossier.report_id());
  *manifest.mutable_exported_at() = dossier.exported_at();
  for (const auto& [name, content] : files) {
    v1::Manifest::File& file = *manifest.add_files();
    file.set_name(name);
    file.set_size_bytes(static_cast<int64_t>(content.size()));
    file.set_sha256(Sha256(content));
  }
  AddAttachments(dossier, manifest);
  *manifest.mutable_omissions() = dossier.omissions();
  auto listed = ToJson(manifest);
  if (!listed.ok()) return listed.status();
  files.emplace_back("manifest.json", *std::move(listed));
  return Zip(files, dossier.exported_at().seconds());
}

std::string DossierFileName(const v1::Dossier& dossier) {
  return fmt::format("dossier-{}-{}.zip", dossier.report_id(), dossier.escalation().number());
}

}  // namespace lapor::ombudsman
