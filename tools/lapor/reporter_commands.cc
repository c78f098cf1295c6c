#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "fmt/format.h"
#include "libs/decision/proto_time.h"
#include "libs/decision/refusal.h"
#include "libs/rpc/status.h"
#include "tools/lapor/batch_line.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using intake::v1::Receipt;
using Stub = intake::v1::Intake::Stub;

// A reporter shows their receipt instead of a token.
constexpr char kNobody[] = "";

void AddReceipt(CLI::App& command, Receipt& receipt) {
  command
      .add_option_function<std::string>(
          "ID", [&receipt](const std::string& id) { receipt.set_tracking_id(id); },
          "tracking id of the receipt, as 7K3M-9QXT-2B54")
      ->required();
  command
      .add_option_function<std::string>(
          "--secret", [&receipt](const std::string& secret) { receipt.set_receipt_secret(secret); },
          "receipt secret; LAPOR_RECEIPT_SECRET")
      ->envname("LAPOR_RECEIPT_SECRET")
      ->type_name("SECRET")
      ->required();
}

struct IdentityOptions {
  intake::v1::Identity identity;

  void AddTo(CLI::App& command) {
    const auto add = [&](const char* flag, void (intake::v1::Identity::*set)(const std::string&),
                         const char* what) {
      command.add_option_function<std::string>(
          flag, [this, set](const std::string& value) { (identity.*set)(value); }, what);
    };
    add("--name", &intake::v1::Identity::set_name<const std::string&>, "reporter's full name");
    add("--nik", &intake::v1::Identity::set_nik<const std::string&>, "national identity number, 16 digits");
    add("--phone", &intake::v1::Identity::set_phone<const std::string&>, "as +62...");
    add("--email", &intake::v1::Identity::set_email<const std::string&>, "e-mail address");
    add("--address", &intake::v1::Identity::set_address<const std::string&>, "postal address");
  }
  bool given() const { return identity.ByteSizeLong() > 0; }
};

absl::Status AddFiles(const std::vector<std::string>& files,
                      google::protobuf::RepeatedPtrField<report::v1::Attachment>* attachments) {
  for (const std::string& file : files) {
    auto attachment = DescribeFile(file);
    if (!attachment.ok()) return attachment.status();
    *attachments->Add() = *std::move(attachment);
  }
  return absl::OkStatus();
}

std::string ShowReceipt(const intake::v1::SubmitReportResponse& receipt, const Zone& zone) {
  return fmt::format(
      "Received (diterima) {} {}\n"
      "  tracking id     {}\n"
      "  receipt secret  {}    keep it: it is shown only now, and proves that you are the reporter\n"
      "  token           {}\n"
      "Follow it with: lapor track {} --secret {}\n",
      ShowTime(decision::FromProto(receipt.received_at()), zone), zone.name, receipt.tracking_id(),
      receipt.receipt_secret(), CommandLine::ShowToken(receipt.token()), receipt.tracking_id(),
      receipt.receipt_secret());
}

void AddFile(CommandLine& line) {
  struct Options {
    report::v1::ReportClass report_class = report::v1::REPORT_CLASS_COMPLAINT;
    report::v1::Channel channel = report::v1::CHANNEL_WEB;
    std::string title, text, category, region;
    bool supervision = false, anonymous = false, confidential = false;
    report::v1::Language language = report::v1::LANGUAGE_UNSPECIFIED;
    std::vector<std::string> files;
    absl::Time written_at = absl::InfinitePast();
    IdentityOptions identity;
  };
  const auto o = std::make_shared<Options>();
  CLI::App& command = line.Add(
      kReporterGroup, "file", "file a report (lapor); prints its tracking id and receipt secret",
      {"lapor file --title 'Jalan berlubang' --text 'Lubang besar di depan pasar.' --category roads --region "
       "32.73 "
       "--anonymous",
       "lapor file --class information-request --title 'Syarat KTP' --text 'Apa syarat KTP baru?' --name "
       "'Nama Contoh'",
       "lapor file --title 'Tidak ada air' --text - --region 35.78 --name 'Nama Contoh' --attach foto.jpg < "
       "isi.txt",
       "lapor file --as officer:id.32.73 --channel counter --title 'Surat warga' --text '...' --anonymous"},
      [&line, o]() -> absl::Status {
        intake::v1::SubmitReportRequest request;
        intake::v1::NewReport& report = *request.mutable_report();
        report.set_report_class(o->report_class);
        report.set_channel(o->channel);
        report.set_title(o->title);
        report.set_description(o->text);
        report.set_category(o->category);
        report.set_region(o->region);
        report.set_supervision(o->supervision);
        report.set_anonymous(o->anonymous);
        report.set_confidential(o->confidential);
        report.set_language(o->language);
        if (o->written_at != absl::InfinitePast())
          *report.mutable_written_at() = decision::ToProto(o->written_at);
        if (o->identity.given()) *report.mutable_identity() = o->identity.identity;
        if (auto status = AddFiles(o->files, report.mutable_attachments()); !status.ok()) return status;
        const auto receipt = line.Change(&Stub::SubmitReport, request, kNobody);
        if (!receipt.ok()) return receipt.status();
        return line.Print(*receipt, ShowReceipt(*receipt, line.zone()));
      });
  AddEnum(command, "--class", o->report_class, "what is asked for [complaint]");
  command.add_option("--title", o->title, "1 to 200 characters")->type_name("TEXT")->required();
  AddText(command, "--text", o->text, "what happened, where and when")->required();
  command
      .add_option("--category", o->category,
                  "code of deploy/reference/categories.csv; an administrator may find it")
      ->type_name("CODE");
  command.add_option("--region", o->region, "code of deploy/reference/regions.csv, as 32.73")
      ->type_name("CODE");
  AddEnum(command, "--channel", o->channel, "door that it comes in by [web]");
  command.add_flag("--supervision", o->supervision,
                   "a complaint that asks for supervision (berkadar pengawasan)");
  command.add_flag("--anonymous", o->anonymous,
                   "hide the reporter's name from agencies and the public (anonim)");
  command.add_flag("--confidential", o->confidential, "hide the report from the public (rahasia)");
  command
      .add_option("--attach", o->files, "file, or file=URI where it is stored; may be given several times")
      ->type_name("FILE[=URI]");
  AddEnum(command, "--language", o->language, "in which the reporter is written to [indonesian]");
  AddTime(command, "--written-at", o->written_at, "when it was written, if the channel was offline");
  o->identity.AddTo(command);
}

std::string ShowItem(int number, const intake::v1::SubmitReportsResponse& item) {
  if (item.has_accepted()) {
    return fmt::format("{}  {}  {}\n", item.request_id(), item.accepted().tracking_id(),
                       item.accepted().receipt_secret());
  }
  const std::string where = fmt::format("line {}", number);
  const std::string& message = item.refused().message();
  // What we refuse ourselves has named the line already.
  return fmt::format("{}  refused: {}\n", item.request_id().empty() ? "-" : item.request_id(),
                     message.starts_with(where) ? message : where + ": " + message);
}

absl::Status Stopped(int number, const absl::Status& why) {
  const bool told = decision::BadInputOf(why).has_value();
  if (told) return why;
  return absl::Status(
      why.ok() ? absl::StatusCode::kUnavailable : why.code(),
      fmt::format(
          "stopped at line {}, {}; it and what comes after it may not be filed: send all again as they "
          "are, a request id has one effect",
          number, why.ok() ? "the service hung up" : std::string(why.message())));
}

// Results come one by one, in the order of the items; they are read while the rest is still being sent. A
// line that can't be read is refused alone, as one that the service refuses.
absl::Status FileBatch(CommandLine& line, std::istream& items) {
  auto session = line.session();
  if (!session.ok()) return session.status();
  const auto caller = line.Caller("channel");
  if (!caller.ok()) return caller.status();
  grpc::ClientContext context;
  if (auto status = (*session)->Prepare(context, *caller); !status.ok()) return status;
  const auto stream = (*session)->Get<Stub>().SubmitReports(&context);

  int filed = 0;
  int refused = 0;
  int number = 0;
  bool connected = true;
  for (std::string text; connected && std::getline(items, text);) {
    ++number;
    if (text.empty()) continue;
    intake::v1::SubmitReportsResponse response;
    if (const auto request = ReadBatchLine(number, text); !request.ok()) {
      response = RefusalOf(request.status());
    } else {
      connected = stream->Write(*request) && stream->Read(&response);
      if (!connected) break;
    }
    ++(response.has_accepted() ? filed : refused);
    if (auto status = line.Print(response, ShowItem(number, response)); !status.ok()) return status;
  }
  stream->WritesDone();
  const absl::Status end = rpc::FromGrpc(stream->Finish());
  if (!connected || !end.ok()) return line.Explain(Stopped(number, end), "intake");
  if (refused == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{} filed, {} refused; send the refused ones again, put right, with new request ids", filed, refused));
}

void AddFileBatch(CommandLine& line) {
  const auto file = std::make_shared<std::string>("-");
  CLI::App& command = line.Add(
      kReporterGroup, "file-batch",
      "file many, for channels that were offline: a SubmitReportRequest a line, as JSON; acts as channel",
      {R"(echo '{"request_id":"0193f1c2-7b5e-4d0a-9a51-3c1f2e6d8b47","report":{"report_class":"REPORT_CLASS_COMPLAINT",)"
       R"("channel":"CHANNEL_MOBILE","title":"Parkir liar","description":"Trotoar dipakai parkir.",)"
       R"("category":"order","region":"31.71","anonymous":true}}' | lapor file-batch)",
       "lapor file-batch reports.jsonl    # again is harmless: a request id has one effect"},
      [&line, file]() -> absl::Status {
        if (*file == "-") return FileBatch(line, std::cin);
        std::ifstream items(*file);
        if (!items) return absl::InvalidArgumentError(fmt::format("{}: the file can't be read", *file));
        return FileBatch(line, items);
      });
  command.add_option("FILE", *file, "JSON lines; - is standard input")->capture_default_str();
}

void AddTrack(CommandLine& line) {
  const auto request = std::make_shared<intake::v1::GetReportRequest>();
  CLI::App& command =
      line.Add(kReporterGroup, "track",
               "a report with its status and timeline (riwayat); without a secret acts as monitor",
               {"lapor track 7K3M-9QXT-2B54 --secret ...", "lapor track 7K3M-9QXT-2B54",
                "lapor track 7K3M-9QXT-2B54 --as officer:id.32.73.dpupr",
                "lapor track 7K3M-9QXT-2B54 --json --zone wit"},
               [&line, request]() -> absl::Status {
                 const bool reporter = !request->receipt_secret().empty();
                 const auto report = line.Call(&Stub::GetReport, *request, reporter ? kNobody : "monitor");
                 if (!report.ok()) return report.status();
                 return line.Print(*report, ShowReport(*report, line.zone(), line.agency_name()));
               });
  AddReportId(command, *request->mutable_tracking_id());
  command.add_option("--secret", *request->mutable_receipt_secret(), "receipt secret; LAPOR_RECEIPT_SECRET")
      ->envname("LAPOR_RECEIPT_SECRET")
      ->type_name("SECRET");
}

// A command of the reporter with a receipt: `add_options` binds the request's own fields.
template <class Request>
void AddWithReceipt(CommandLine& line, const char* name, const char* what,
                    const std::vector<std::string>& examples,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                 intake::v1::ReportChange*),
                    const std::function<void(CLI::App&, Request&)>& add_options) {
  const auto request = std::make_shared<Request>();
  CLI::App& command = line.Add(kReporterGroup, name, what, examples, [&line, request, method] {
    return line.PrintChange(line.Change(method, *request, kNobody));
  });
  AddReceipt(command, *request->mutable_receipt());
  add_options(command, *request);
}

template <class Request>
CLI::Option* AddReason(CLI::App& command, Request& request) {
  return AddEnumOption<event::v1::DissatisfactionReason>(
      command, "--reason",
      [&request](event::v1::DissatisfactionReason reason) { request.set_reason(reason); }, "what is wrong");
}

}  // namespace

void AddReporterCommands(CommandLine& line) {
  AddFile(line);
  AddFileBatch(line);
  AddTrack(line);

  AddWithReceipt<intake::v1::ReplyToReportRequest>(
      line, "reply", "write to the agency (balas)",
      {"lapor reply 7K3M-9QXT-2B54 --secret ... --text 'Lubangnya di depan toko nomor 12.'"},
      &Stub::ReplyToReport, [](CLI::App& command, intake::v1::ReplyToReportRequest& request) {
        AddText(command, "--text", *request.mutable_text(), "what to write")->required();
      });

  AddWithReceipt<intake::v1::ReactToResponseRequest>(
      line, "react", "judge the final answer: satisfied closes the report, unsatisfied reopens it (tanggapi)",
      {"lapor react 7K3M-9QXT-2B54 --secret ... --satisfied --rating 5",
       "lapor react 7K3M-9QXT-2B54 --secret ... --unsatisfied --reason not-resolved --text 'Belum "
       "diperbaiki.'"},
      &Stub::ReactToResponse, [](CLI::App& command, intake::v1::ReactToResponseRequest& request) {
        CLI::Option_group& judgement = *command.add_option_group("judgement", "one of");
        judgement.require_option(1);
        judgement.add_flag_callback(
            "--satisfied", [&request] { request.set_satisfied(true); }, "puas");
        judgement.add_flag_callback(
            "--unsatisfied", [&request] { request.set_satisfied(false); }, "tidak puas; say why in --text");
        command.add_option_function<int>(
            "--rating", [&request](const int& rating) { request.set_rating(rating); }, "1 to 5");
        AddText(command, "--text", *request.mutable_text(), "why; required when unsatisfied");
        AddReason(command, request);
      });

  const auto files = std::make_shared<std::vector<std::string>>();
  const auto completion = std::make_shared<intake::v1::CompleteReportRequest>();
  CLI::App& complete = line.Add(
      kReporterGroup, "complete", "supply what an administrator asked for, and nothing else (lengkapi)",
      {"lapor complete 7K3M-9QXT-2B54 --secret ... --region 32.73",
       "lapor complete 7K3M-9QXT-2B54 --secret ... --text 'Di Jl. Ahmad Yani nomor 12.' --attach foto.jpg"},
      [&line, completion, files]() -> absl::Status {
        if (auto status = AddFiles(*files, completion->mutable_attachments()); !status.ok()) return status;
        return line.PrintChange(line.Change(&Stub::CompleteReport, *completion, kNobody));
      });
  AddReceipt(complete, *completion->mutable_receipt());
  complete.add_option("--category", *completion->mutable_category(), "topic")->type_name("CODE");
  complete.add_option("--region", *completion->mutable_region(), "place")->type_name("CODE");
  AddText(complete, "--text", *completion->mutable_description(), "added to the description");
  complete.add_option("--attach", *files, "may be given several times")->type_name("FILE[=URI]");

  AddWithReceipt<intake::v1::ContestArchiveRequest>(
      line, "contest", "contest that the report was archived: once, in time, in words (keberatan)",
      {"lapor contest 7K3M-9QXT-2B54 --secret ... --text 'Perkaranya sudah selesai di pengadilan.'"},
      &Stub::ContestArchive, [](CLI::App& command, intake::v1::ContestArchiveRequest& request) {
        AddText(command, "--text", *request.mutable_text(), "why it should not have been archived")
            ->required();
      });

  AddWithReceipt<intake::v1::RequestReopeningRequest>(
      line, "ask-reopening",
      "ask that a closed report be taken up again, in time and in words (buka kembali)",
      {"lapor ask-reopening 7K3M-9QXT-2B54 --secret ... --reason not-resolved --text 'Lubangnya kembali.'"},
      &Stub::RequestReopening, [](CLI::App& command, intake::v1::RequestReopeningRequest& request) {
        AddReason(command, request)->required();
        AddText(command, "--text", *request.mutable_text(), "why")->required();
      });

  AddWithReceipt<intake::v1::AppealClosingRequest>(
      line, "appeal", "appeal to an officer above the agency: once, in time, in words (banding)",
      {"lapor appeal 7K3M-9QXT-2B54 --secret ... --reason untrue --text 'Lampunya masih padam.'"},
      &Stub::AppealClosing, [](CLI::App& command, intake::v1::AppealClosingRequest& request) {
        AddReason(command, request)->required();
        AddText(command, "--text", *request.mutable_text(), "what is wrong with the answer or the closing")
            ->required();
      });

  AddWithReceipt<intake::v1::WithdrawReportRequest>(
      line, "withdraw", "take the report back (cabut)", {"lapor withdraw 7K3M-9QXT-2B54 --secret ..."},
      &Stub::WithdrawReport, [](CLI::App&, intake::v1::WithdrawReportRequest&) {});

  const auto file = std::make_shared<std::string>();
  const auto attachment = std::make_shared<intake::v1::AddAttachmentRequest>();
  CLI::App& attach =
      line.Add(kReporterGroup, "attach",
               "add an attachment by reference: its hash, size and type, and where it is stored",
               {"lapor attach 7K3M-9QXT-2B54 foto.jpg=https://berkas.example.go.id/foto.jpg --secret ..."},
               [&line, attachment, file]() -> absl::Status {
                 auto described = DescribeFile(*file);
                 if (!described.ok()) return described.status();
                 *attachment->mutable_attachment() = *std::move(described);
                 return line.PrintChange(line.Change(&Stub::AddAttachment, *attachment, kNobody));
               });
  AddReceipt(attach, *attachment->mutable_receipt());
  attach.add_option("FILE[=URI]", *file, "the file; without URI the key of the store is local/ and its hash")
      ->required();

  const auto identity = std::make_shared<IdentityOptions>();
  const auto escalation = std::make_shared<intake::v1::RequestEscalationRequest>();
  CLI::App& ask = line.Add(
      kReporterGroup, "ask-ombudsman",
      "ask the Ombudsman to take the report up, or agree to what was proposed after a breach (ke Ombudsman)",
      {"lapor ask-ombudsman 7K3M-9QXT-2B54 --secret ... --resident --name 'Nama Contoh' --name-secret",
       "lapor ask-ombudsman 7K3M-9QXT-2B54 --secret ... --resident --direct --occurred-on 2026-03-20"},
      [&line, escalation, identity]() {
        if (identity->given()) *escalation->mutable_identity() = identity->identity;
        return line.PrintChange(line.Change(&Stub::RequestEscalation, *escalation, kNobody));
      });
  AddReceipt(ask, *escalation->mutable_receipt());
  event::v1::ReporterDeclarations& declared = *escalation->mutable_declarations();
  ask.add_flag_callback(
      "--resident", [&declared] { declared.set_citizen_or_resident(true); },
      "you declare to be a citizen or resident of Indonesia; needed");
  ask.add_flag_callback(
      "--before-court", [&declared] { declared.set_before_court(true); }, "the matter is before a court");
  ask.add_flag_callback(
      "--in-mediation", [&declared] { declared.set_in_other_mediation(true); },
      "another mediation deals with it");
  ask.add_flag_callback(
      "--court-process", [&declared] { declared.set_court_process(true); },
      "it is about maladministration in the court's own process");
  ask.add_option("--occurred-on", *declared.mutable_occurred_on(),
                 "when it happened, as 2026-03-20 [when the report was received]")
      ->type_name("DATE");
  ask.add_flag_callback(
      "--direct", [escalation] { escalation->set_direct(true); },
      "instead of the agency, without waiting for its term (UU 25/2009 art. 46(2))");
  ask.add_flag_callback(
      "--name-secret", [escalation] { escalation->set_name_secret(true); },
      "keep your name secret (UU 37/2008 art. 24)");
  identity->AddTo(ask);
}

}  // namespace lapor::client
