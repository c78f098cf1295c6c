// The command line client as its commands see it: the settings that all of them share, how they call the
// services, and how they answer.
#pragma once

#include <google/protobuf/message.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/eventlog/uuid.h"
#include "libs/telling/terms.h"
#include "tools/lapor/render.h"
#include "tools/lapor/session.h"

namespace lapor::client {

using telling::Label;
using telling::ReadWord;
using telling::Word;
using telling::WordsOf;

// Sections of `lapor --help`.
inline constexpr char kReporterGroup[] = "Reporters (pelapor)";
inline constexpr char kTriageGroup[] = "Central administrators (admin pusat)";
inline constexpr char kAgencyGroup[] = "Agencies (instansi)";
inline constexpr char kOmbudsmanGroup[] = "Ombudsman";
inline constexpr char kFiguresGroup[] = "Figures and events (angka dan peristiwa)";
inline constexpr char kOperatorGroup[] = "Operators";

// Not thread-safe, but AgencyName() is.
class CommandLine {
 public:
  using Action = std::function<absl::Status()>;

  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // The exit code: 0; 1 for a refusal or a failure, which is told on standard error; 2 for wrong usage.
  // Silences protobuf's own log for the whole process.
  int Run(int argc, const char* const* argv);

  // A command: `lapor NAME`, or `lapor PARENT NAME`. `action` is called when all options are read; `examples`
  // end its --help.
  CLI::App& Add(const char* group, const std::string& name, const std::string& what,
                const std::vector<std::string>& examples, Action action, CLI::App* parent = nullptr);
  // A command that has commands of its own.
  CLI::App& AddFamily(const char* group, const std::string& name, const std::string& what);

  // --- for actions

  // Connects at the first call.
  absl::StatusOr<Session*> session();
  const SessionOptions& session_options() const { return session_options_; }
  const Zone& zone() const { return zone_; }
  bool json() const { return json_; }

  // Whom to act as: --as, else `otherwise`, as ParseCaller takes it; "" is nobody, as reporters are.
  absl::StatusOr<rpc::Caller> Caller(const std::string& otherwise) const;

  // A call as Caller(otherwise), after what --after names where the request can wait for it. An error that
  // comes from not reaching the service names its address and what to do.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request, const std::string& otherwise) {
    auto opened = session();
    if (!opened.ok()) return opened.status();
    const auto caller = Caller(otherwise);
    if (!caller.ok()) return caller.status();
    if constexpr (requires { request.add_not_before(); }) {
      for (const report::v1::Token& token : after_) *request.add_not_before() = token;
    }
    absl::StatusOr<Response> response = (*opened)->Call(method, request, *caller);
    if (!response.ok()) return Explain(response.status(), Session::ServiceOf<Stub>());
    return response;
  }

  // The same for calls that change something: with --request-id, or a new one.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Change(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                                  Request request, const std::string& otherwise) {
    request.set_request_id(request_id_.empty() ? eventlog::NewUuid() : request_id_);
    return Call(method, std::move(request), otherwise);
  }

  // The same for lists: page after page, at most `limit` items of `items(response)`.
  template <class Stub, class Request, class Response, class Items>
  absl::StatusOr<Response> List(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request request, const std::string& otherwise, int limit, Items items) {
    Response all;
    while (true) {
      const int wanted = limit - items(all).size();
      request.set_page_size(std::min(wanted, kMaxPageItems));
      absl::StatusOr<Response> page = Call(method, request, otherwise);
      if (!page.ok()) return page.status();
      if constexpr (requires { all.clear_as_of(); }) all.clear_as_of();
      all.MergeFrom(*page);
      all.set_next_page_token(page->next_page_token());
      if (page->next_page_token().empty() || items(all).size() >= limit) return all;
      request.set_page_token(page->next_page_token());
    }
  }

  // NOT_FOUND when the registry doesn't know the agency: why a list of what is its own was empty.
  absl::Status CheckAgency(const std::string& agency_id);

  // An answer: `text` for people or, with --json, the message as it is.
  absl::Status Print(const google::protobuf::Message& message, const std::string& text) const;

  // Of answers to changes: the report, how it stands, and the token for --after; below it `done`, where that
  // doesn't say enough.
  template <class Changed>
  absl::Status PrintChange(const absl::StatusOr<Changed>& change, const std::string& done = "") const {
    if (!change.ok()) return change.status();
    std::string id, state;
    if constexpr (requires { change->tracking_id(); }) id = change->tracking_id();
    if constexpr (requires { change->report_id(); }) id = change->report_id();
    if constexpr (requires { change->status(); }) state = Label(change->status());
    if constexpr (requires { change->state(); }) state = Label(change->state());
    if constexpr (requires { change->stage(); }) state = Label(change->stage());
    return Print(*change,
                 ShowReportId(id) + "  " + state + "  token " + ShowToken(change->token()) + '\n' + done);
  }

  // Names of agencies, asked of routing once each; where it can't be asked, the id. Thread-safe.
  const AgencyName& agency_name() const { return agency_name_; }

  // As --after takes it: "intake/3/17".
  static std::string ShowToken(const report::v1::Token& token);
  // `status` of a call to `service`, with its address and a remedy if it could not be reached.
  absl::Status Explain(const absl::Status& status, const std::string& service) const;

 private:
  static constexpr int kMaxPageItems = 1000;

  CLI::App app_;
  SessionOptions session_options_;
  std::unique_ptr<Session> session_;
  std::string as_;
  std::string request_id_;
  std::vector<report::v1::Token> after_;
  Zone zone_ = Wib();
  bool json_ = false;
  Action chosen_;
  AgencyName agency_name_;
};

// --- options that several commands take

// A value of an enum by its word, for `set`. `required` makes it so; else it may stay UNSPECIFIED.
template <class Enum>
CLI::Option* AddEnumOption(CLI::App& command, const std::string& name, std::function<void(Enum)> set,
                           const std::string& what) {
  const auto& type = *google::protobuf::GetEnumDescriptor<Enum>();
  std::string words;
  for (const std::string& word : WordsOf(type)) words += (words.empty() ? "" : "|") + word;
  CLI::Option* option = command.add_option_function<std::string>(
      name,
      [&type, set = std::move(set), name, words](const std::string& text) {
        int number = 0;
        if (!ReadWord(type, text, &number)) throw CLI::ValidationError(name, text + " is none of " + words);
        set(static_cast<Enum>(number));
      },
      what);
  return option->type_name(words);
}
template <class Enum>
CLI::Option* AddEnum(CLI::App& command, const std::string& name, Enum& value, const std::string& what) {
  return AddEnumOption<Enum>(
      command, name, [&value](Enum read) { value = read; }, what);
}

// A text; "-" reads it from standard input.
CLI::Option* AddText(CLI::App& command, const std::string& name, std::string& text, const std::string& what);

// A time as 2025-01-06T09:15:00+07:00, or a day, which begins at midnight in WIB.
CLI::Option* AddTime(CLI::App& command, const std::string& name, absl::Time& time, const std::string& what);

// The positional ID of a report.
CLI::Option* AddReportId(CLI::App& command, std::string& id);
// The same, where it may also be that of a child assignment.
CLI::Option* AddAssignmentId(CLI::App& command, std::string& id);

// A report's id as keys have it. INVALID_ARGUMENT, for `option`, when no report can have it.
absl::StatusOr<std::string> ReadReportId(const std::string& option, const std::string& typed);

// Reads a local file for its hash, size and media type (by its extension). `text` is FILE, or FILE=URI with
// the address at which it is stored; without one it is "local/" and the hash. INVALID_ARGUMENT when it can't
// be read.
absl::StatusOr<report::v1::Attachment> DescribeFile(const std::string& text);

}  // namespace lapor::client
