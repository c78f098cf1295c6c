#include "tools/lapor/command_line.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>
#include <sodium.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/refusal.h"
#include "libs/report/tracking_id.h"
#include "libs/rpc/status.h"

namespace lapor::client {
namespace {

constexpr char kDescription[] = R"(The client of lapor, for reporters, officers, analysts and operators.

A report (laporan) is filed, verified, assigned to the competent agency, answered, and closed; one that
is neglected goes to the Ombudsman. Every command has examples: lapor COMMAND --help.)";

constexpr char kFooter[] =
    R"(Exit code: 0 done; 1 refused or failed, with field, rule and remedy; 2 wrong usage.
Whom you act as is signed with the local stack's key, or said by a token that you were given (--token).
Nothing runs yet? `make demo` starts everything and plays three months of reports.)";

constexpr int kUsageExitCode = 2;

// "intake/3/17"
report::v1::Token ReadToken(const std::string& text) {
  const auto wrong = [&] { return CLI::ValidationError("--after", text + " is not a token as intake/3/17"); };
  const size_t first = text.find('/');
  const size_t second = text.find('/', first == std::string::npos ? first : first + 1);
  if (first == 0 || second == std::string::npos) throw wrong();
  int32_t partition = 0;
  int64_t position = 0;
  const char* data = text.data();
  const auto [partition_end, partition_error] = std::from_chars(data + first + 1, data + second, partition);
  const auto [end, position_error] = std::from_chars(data + second + 1, data + text.size(), position);
  if (partition_error != std::errc() || position_error != std::errc() || partition_end != data + second ||
      end != data + text.size()) {
    throw wrong();
  }
  report::v1::Token token;
  token.set_producer(text.substr(0, first));
  token.set_partition(partition);
  token.set_position(position);
  return token;
}

std::string MediaTypeOf(const std::filesystem::path& file) {
  static const std::map<std::string, std::string> types = {
      {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"}, {".png", "image/png"},  {".webp", "image/webp"},
      {".pdf", "application/pdf"}, {".txt", "text/plain"},  {".csv", "text/csv"},   {".mp4", "video/mp4"},
      {".zip", "application/zip"}, {".mp3", "audio/mpeg"},  {".heic", "image/heic"}};
  const auto found = types.find(file.extension().string());
  return found == types.end() ? "application/octet-stream" : found->second;
}

// An error of the client itself that no other wording makes clearer.
bool IsUnreachable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

CommandLine::CommandLine() : app_(kDescription, "lapor") {
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.footer(kFooter);
  app_.get_formatter()->column_width(26);

  app_.add_option(
          "--as", as_,
          "whom to act as: triage, arbiter, ombudsman, operator, monitor, analyst, channel, or "
          "officer:AGENCY, agency_admin:AGENCY, arbiter:AGENCY; each command says what it takes by itself")
      ->type_name("ROLE[:AGENCY]")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const auto caller = ParseCaller(text);
            return caller.ok() ? std::string() : std::string(caller.status().message());
          },
          ""))
      ->group("Common options");
  app_.add_flag("--json", json_, "the raw answer of the service, as JSON")->group("Common options");
  app_.add_option_function<std::string>(
          "--zone",
          [this](const std::string& name) {
            if (!ReadZone(name, &zone_))
              throw CLI::ValidationError("--zone", name + " is none of wib|wita|wit|utc");
          },
          "zone of the times shown [wib]")
      ->type_name("wib|wita|wit|utc")
      ->group("Common options");
  app_.add_option_function<std::vector<std::string>>(
          "--after",
          [this](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) after_.push_back(ReadToken(text));
          },
          "wait for what an earlier command caused: the token that it printed, as intake/3/17")
      ->type_name("TOKEN")
      ->group("Common options");
  app_.add_option(
          "--request-id", request_id_,
          "of a change: repeat it with the same id when the answer was lost; it has no second effect [new]")
      ->type_name("ID")
      ->group("Common options");
  session_options_.AddTo(app_);

  agency_name_ = [this, names = std::make_shared<std::map<std::string, std::string>>(),
                  mutex = std::make_shared<std::mutex>()](const std::string& id) {
    std::lock_guard lock(*mutex);
    const auto [known, is_new] = names->try_emplace(id, id);
    if (is_new && !id.empty()) {
      routing::v1::GetAgencyRequest request;
      request.set_agency_id(id);
      const auto opened = session();
      // A reporter at home has no key to ask with, and reads the id.
      if (opened.ok()) {
        const auto agency =
            (*opened)->Call(&routing::v1::Routing::Stub::GetAgency, request, *ParseCaller("monitor"));
        if (agency.ok()) known->second = fmt::format("{} ({})", agency->name(), id);
      }
    }
    return known->second;
  };
}

CLI::App& CommandLine::Add(const char* group, const std::string& name, const std::string& what,
                           const std::vector<std::string>& examples, Action action, CLI::App* parent) {
  CLI::App& command = *(parent == nullptr ? app_ : *parent).add_subcommand(name, what);
  if (parent == nullptr) command.group(group);
  std::string footer = "Examples:\n";
  for (const std::string& example : examples) footer += "  " + example + '\n';
  command.footer(footer +
                 "\nOptions of all commands (--as, --json, --after, where the suite is): lapor --help");
  command.get_formatter()->column_width(26);
  command.callback([this, action = std::move(action)] { chosen_ = action; });
  return command;
}

CLI::App& CommandLine::AddFamily(const char* group, const std::string& name, const std::string& what) {
  CLI::App& family = *app_.add_subcommand(name, what)->group(group);
  family.require_subcommand(1);
  family.footer("Examples: lapor " + name + " COMMAND --help");
  return family;
}

int CommandLine::Run(int argc, const char* const* argv) {
  // It complains of bad UTF-8 on standard error, in its own words and before the service refuses it in ours.
  google::protobuf::SetLogHandler(nullptr);
  app_.set_help_all_flag("--help-all", "this, and the help of every command");  // not one of every command
  try {
    app_.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    // A word that is no command shows as a command that is missing.
    const std::vector<std::string> unknown = app_.remaining(/*recurse=*/true);
    if (unknown.empty()) return app_.exit(error) == 0 ? 0 : kUsageExitCode;
    std::cerr << fmt::format("lapor: there is no command '{}'; lapor --help lists them\n", unknown.front());
    return kUsageExitCode;
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? 0 : kUsageExitCode;
  }
  const absl::Status status = chosen_();
  if (status.ok()) return 0;
  std::cout.flush();
  std::cerr << ShowError(status);
  // What we find wrong ourselves, before any service is asked, is wrong usage.
  return absl::IsInvalidArgument(status) && !decision::BadInputOf(status) ? kUsageExitCode : 1;
}

absl::StatusOr<Session*> CommandLine::session() {
  if (session_ == nullptr) {
    auto opened = Session::Open(session_options_);
    if (!opened.ok()) return opened.status();
    session_ = *std::move(opened);
  }
  return session_.get();
}

absl::StatusOr<rpc::Caller> CommandLine::Caller(const std::string& otherwise) const {
  const std::string& chosen = as_.empty() ? otherwise : as_;
  if (chosen.empty()) return rpc::Caller{};
  return ParseCaller(chosen);
}

absl::Status CommandLine::CheckAgency(const std::string& agency_id) {
  routing::v1::GetAgencyRequest request;
  request.set_agency_id(agency_id);
  return Call(&routing::v1::Routing::Stub::GetAgency, request, "monitor").status();
}

absl::Status CommandLine::Print(const google::protobuf::Message& message, const std::string& text) const {
  std::string shown = text;
  if (json_) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.always_print_primitive_fields = true;
    options.preserve_proto_field_names = true;
    shown.clear();
    const auto printed = google::protobuf::util::MessageToJsonString(message, &shown, options);
    if (!printed.ok()) return absl::InternalError(printed.ToString());
  }
  std::cout << shown << std::flush;
  return absl::OkStatus();
}

std::string CommandLine::ShowToken(const report::v1::Token& token) {
  return fmt::format("{}/{}/{}", token.producer(), token.partition(), token.position());
}

absl::Status CommandLine::Explain(const absl::Status& status, const std::string& service) const {
  if (!IsUnreachable(status) || decision::BadInputOf(status) || session_ == nullptr) return status;
  return absl::Status(
      status.code(),
      fmt::format(
          "{} at {} can't be reached or isn't ready: {}\n"
          "  remedy: start the suite with `make demo`, see what runs with `make status`, or say where it "
          "is with --host, --port or --at {}=HOST:PORT",
          service, session_->AddressOf(service), std::string(status.message()), service));
}

CLI::Option* AddText(CLI::App& command, const std::string& name, std::string& text, const std::string& what) {
  return command
      .add_option_function<std::string>(
          name,
          [&text](const std::string& given) {
            text = given;
            if (given == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
          },
          what + "; - reads it from standard input")
      ->type_name("TEXT");
}

CLI::Option* AddTime(CLI::App& command, const std::string& name, absl::Time& time, const std::string& what) {
  return command
      .add_option_function<std::string>(
          name,
          [&time, name](const std::string& text) {
            std::string error;
            if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return;
            if (absl::ParseTime("%Y-%m-%d", text, Wib().time_zone, &time, &error)) return;
            throw CLI::ValidationError(name, text + " is not a time as 2025-01-06T09:15:00+07:00, or a day");
          },
          what)
      ->type_name("TIME");
}

CLI::Option* AddReportId(CLI::App& command, std::string& id) {
  return command.add_option("ID", id, "tracking id of the report, as 7K3M-9QXT-2B54")->required();
}

CLI::Option* AddAssignmentId(CLI::App& command, std::string& id) {
  return command
      .add_option(
          "ID", id,
          "tracking id of the report, as 7K3M-9QXT-2B54; with a number, as 7K3M-9QXT-2B54.1, the part of it "
          "that another agency than the leading one has")
      ->required();
}

absl::StatusOr<std::string> ReadReportId(const std::string& option, const std::string& typed) {
  report::TrackingIdReading reading = report::ReadTrackingId(typed);
  switch (reading.fault) {
    case report::TrackingIdFault::kNone:
      break;
    case report::TrackingIdFault::kMalformed:
      return absl::InvalidArgumentError(option +
                                        ": is not a tracking id: 12 digits and letters, as 7K3M-9QXT-2B54");
    case report::TrackingIdFault::kCheckCharacter:
      return absl::InvalidArgumentError(
          option +
          ": has a check character that does not match, so a character is wrong or out of place; compare it "
          "with the receipt");
  }
  return std::move(reading.id);
}

absl::StatusOr<report::v1::Attachment> DescribeFile(const std::string& text) {
  const size_t equals = text.find('=');
  const std::string path = text.substr(0, equals);
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(fmt::format("{}: the file can't be read", path));

  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  int64_t size_bytes = 0;
  std::vector<char> chunk(1 << 16);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(chunk.data()),
                              static_cast<unsigned long long>(file.gcount()));
    size_bytes += file.gcount();
  }
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, hash);
  char hex[sizeof(hash) * 2 + 1];
  sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));

  report::v1::Attachment attachment;
  attachment.set_sha256(hex);
  attachment.set_size_bytes(size_bytes);
  attachment.set_media_type(MediaTypeOf(path));
  attachment.set_uri(equals == std::string::npos ? fmt::format("local/{}", hex) : text.substr(equals + 1));
  return attachment;
}

}  // namespace lapor::client
