#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "libs/decision/proto_time.h"
#include "tools/lapor/commands.h"

namespace lapor::client {
namespace {

using Stub = ombudsman::v1::Ombudsman::Stub;

constexpr char kRole[] = "ombudsman";
constexpr int kDefaultLimit = 50;

std::string ShowPreview(const ombudsman::v1::PreviewEligibilityResponse& preview) {
  const char* const eligible =
      preview.eligible() ? "Eligible (memenuhi syarat).\n" : "Not eligible (belum memenuhi syarat).\n";
  return eligible + ShowGrounds(preview.grounds());
}

std::string ShowOffices(const ombudsman::v1::ListOfficesResponse& list) {
  Table table({{"code", "kode"}, {"name", "nama"}, {"provinces", "provinsi"}});
  for (const ombudsman::v1::Office& office : list.offices()) {
    table.Add({office.code(), office.name(), fmt::format("{}", fmt::join(office.province(), " "))});
  }
  return table.ToString();
}

// GROUND=yes:REASON or GROUND=no:REASON.
absl::StatusOr<ombudsman::v1::Judgement> ReadJudgement(const std::string& text) {
  const size_t equals = text.find('=');
  const size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  const std::string met = equals == std::string::npos || colon == std::string::npos
                              ? ""
                              : text.substr(equals + 1, colon - equals - 1);
  int ground = 0;
  if ((met != "yes" && met != "no") ||
      !ReadWord(*google::protobuf::GetEnumDescriptor<event::v1::Ground>(), text.substr(0, equals), &ground)) {
    return absl::InvalidArgumentError(
        "--judge: is GROUND=yes:REASON or GROUND=no:REASON, as within-authority=no:'urusan swasta'; the "
        "grounds are "
        "those that lapor preview shows");
  }
  ombudsman::v1::Judgement judgement;
  judgement.set_ground(static_cast<event::v1::Ground>(ground));
  judgement.set_met(met == "yes");
  judgement.set_reason(text.substr(colon + 1));
  return judgement;
}

absl::Status AddFiles(const std::vector<std::string>& files,
                      google::protobuf::RepeatedPtrField<report::v1::Attachment>* attachments) {
  for (const std::string& file : files) {
    auto attachment = DescribeFile(file);
    if (!attachment.ok()) return attachment.status();
    *attachments->Add() = *std::move(attachment);
  }
  return absl::OkStatus();
}

void AddFileOption(CLI::App& command, std::vector<std::string>& files) {
  command.add_option("--attach", files, "file, or file=URI where it is stored; may be given several times")
      ->type_name("FILE[=URI]");
}

void AddDocumentNumber(CLI::App& command, std::string& number) {
  command.add_option("NUMBER", number, "of a document, as 7K3M9QXT2B54-1/03")->type_name("TEXT")->required();
}

absl::Status PrintDocument(const CommandLine& line,
                           const absl::StatusOr<ombudsman::v1::DocumentChange>& change) {
  if (!change.ok()) return change.status();
  return line.Print(*change, fmt::format("{}  {}  token {}\n", change->document_number(),
                                         Label(change->stage()), CommandLine::ShowToken(change->token())));
}

}  // namespace

void AddOmbudsmanCommands(CommandLine& line) {
  struct ListOptions {
    ombudsman::v1::ListEscalationsRequest request;
    event::v1::EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
    int limit = kDefaultLimit;
  };
  const auto l = std::make_shared<ListOptions>();
  CLI::App& escalations = line.Add(
      kOmbudsmanGroup, "escalations", "reports before the Ombudsman, the oldest first; acts as ombudsman",
      {"lapor escalations", "lapor escalations --stage formal-check",
       "lapor escalations --office jawa-barat --overdue", "lapor escalations --stage closed --json"},
      [&line, l]() -> absl::Status {
        l->request.set_stage(l->stage);
        const auto list = line.List(
            &Stub::ListEscalations, l->request, kRole, l->limit,
            [](const auto& page) -> const auto& { return page.escalations(); });
        if (!list.ok()) return list.status();
        return line.Print(*list, ShowEscalations(*list, line.zone()));
      });
  AddEnum(escalations, "--stage", l->stage, "only these [all that are open]");
  escalations.add_option_function<std::string>(
      "--office", [l](const std::string& code) { l->request.set_office(code); },
      "only those of one office, by its code of lapor offices");
  escalations.add_flag_callback(
      "--overdue", [l] { l->request.set_overdue_only(true); },
      "only those with a clock that has run out and is not met (lewat batas)");
  escalations.add_option("--limit", l->limit, "escalations at most")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);

  const auto get = std::make_shared<ombudsman::v1::GetEscalationRequest>();
  CLI::App& escalation = line.Add(
      kOmbudsmanGroup, "escalation", "one escalation with the verdict on every ground; acts as ombudsman",
      {"lapor escalation 7K3M-9QXT-2B54"}, [&line, get]() -> absl::Status {
        const auto found = line.Call(&Stub::GetEscalation, *get, kRole);
        if (!found.ok()) return found.status();
        return line.Print(*found, ShowEscalation(*found, line.zone(), line.agency_name()));
      });
  AddReportId(escalation, *get->mutable_report_id());

  const auto preview = std::make_shared<ombudsman::v1::PreviewEligibilityRequest>();
  CLI::App& preview_command = line.Add(
      kOmbudsmanGroup, "preview",
      "what the formal check would find now, ground by ground, and what would make an unmet one met; acts as "
      "ombudsman",
      {"lapor preview 7K3M-9QXT-2B54"}, [&line, preview]() -> absl::Status {
        const auto found = line.Call(&Stub::PreviewEligibility, *preview, kRole);
        if (!found.ok()) return found.status();
        return line.Print(*found, ShowPreview(*found));
      });
  AddReportId(preview_command, *preview->mutable_report_id());

  struct CheckOptions {
    ombudsman::v1::CheckEligibilityRequest request;
    std::vector<std::string> judgements;
  };
  const auto c = std::make_shared<CheckOptions>();
  CLI::App& check_command = line.Add(
      kOmbudsmanGroup, "check",
      "carry out the formal check: the suite judges every ground by itself, from what the report and the "
      "reporter's declarations say, but those that you judge (verifikasi formal); acts as ombudsman",
      {"lapor check 7K3M-9QXT-2B54",
       "lapor check 7K3M-9QXT-2B54 --judge within-authority=no:'urusan antar-swasta'"},
      [&line, c]() -> absl::Status {
        for (const std::string& text : c->judgements) {
          auto judgement = ReadJudgement(text);
          if (!judgement.ok()) return judgement.status();
          *c->request.add_judgements() = *std::move(judgement);
        }
        const auto checked = line.Change(&Stub::CheckEligibility, c->request, kRole);
        return line.PrintChange(checked, checked.ok() ? ShowGrounds(checked->grounds()) : "");
      });
  AddReportId(check_command, *c->request.mutable_report_id());
  check_command
      .add_option("--judge", c->judgements,
                  "a ground as you found it, with the reason; may be given several times")
      ->type_name("GROUND=yes|no:REASON");

  struct AdvanceOptions {
    ombudsman::v1::AdvanceEscalationRequest request;
    event::v1::EscalationStage stage = event::v1::ESCALATION_STAGE_UNSPECIFIED;
  };
  const auto a = std::make_shared<AdvanceOptions>();
  CLI::App& advance = line.Add(
      kOmbudsmanGroup, "advance", "go on to the next stage (tahap berikutnya); acts as ombudsman",
      {"lapor advance 7K3M-9QXT-2B54 examination", "lapor advance 7K3M-9QXT-2B54 mediation"}, [&line, a] {
        a->request.set_stage(a->stage);
        return line.PrintChange(line.Change(&Stub::AdvanceEscalation, a->request, kRole));
      });
  AddReportId(advance, *a->request.mutable_report_id());
  AddEnum(advance, "STAGE", a->stage, "the next one, or a side path")
      ->type_name(
          "examination|examination-report|resolution-and-monitoring|recommendation|publication|mediation|"
          "conciliation|"
          "special-adjudication")
      ->required();

  const auto rapid = std::make_shared<ombudsman::v1::OpenRapidResponseRequest>();
  CLI::App& rapid_command = line.Add(
      kOmbudsmanGroup, "rapid",
      "danger to life: examine at once, the checks follow (Respon Cepat Ombudsman); acts as ombudsman",
      {"lapor rapid 7K3M-9QXT-2B54 --reason 'Pasien gawat darurat ditolak.'"},
      [&line, rapid] { return line.PrintChange(line.Change(&Stub::OpenRapidResponse, *rapid, kRole)); });
  AddReportId(rapid_command, *rapid->mutable_report_id());
  AddText(rapid_command, "--reason", *rapid->mutable_reason(), "why lives are in danger")->required();

  const auto transfer = std::make_shared<ombudsman::v1::TransferEscalationRequest>();
  CLI::App& transfer_command =
      line.Add(kOmbudsmanGroup, "transfer", "give a case to another office (limpahkan); acts as ombudsman",
               {"lapor transfer 7K3M-9QXT-2B54 bali --reason 'Terlapor pindah.'"}, [&line, transfer] {
                 return line.PrintChange(line.Change(&Stub::TransferEscalation, *transfer, kRole));
               });
  AddReportId(transfer_command, *transfer->mutable_report_id());
  transfer_command.add_option("OFFICE", *transfer->mutable_office(), "its code of lapor offices")
      ->type_name("CODE")
      ->required();
  AddText(transfer_command, "--reason", *transfer->mutable_reason(), "why")->required();

  struct IssueOptions {
    ombudsman::v1::IssueDocumentRequest request;
    event::v1::DocumentKind kind = event::v1::DOCUMENT_KIND_UNSPECIFIED;
    event::v1::Finding finding = event::v1::FINDING_UNSPECIFIED;
    event::v1::Maladministration maladministration = event::v1::MALADMINISTRATION_UNSPECIFIED;
    std::vector<std::string> files;
  };
  const auto i = std::make_shared<IssueOptions>();
  CLI::App& issue = line.Add(
      kOmbudsmanGroup, "issue", "send a document out (terbitkan surat); prints its number; acts as ombudsman",
      {"lapor issue 7K3M-9QXT-2B54 clarification-request --text - < surat.txt",
       "lapor issue 7K3M-9QXT-2B54 summons --to 'Kepala Dinas Kesehatan' --text 'Menghadap pada ...'",
       "lapor issue 7K3M-9QXT-2B54 examination-report --finding maladministration --maladministration "
       "protracted-delay --text - --attach lhp.pdf < lhp.txt"},
      [&line, i]() -> absl::Status {
        i->request.set_kind(i->kind);
        i->request.set_finding(i->finding);
        i->request.set_maladministration(i->maladministration);
        if (auto status = AddFiles(i->files, i->request.mutable_attachments()); !status.ok()) return status;
        return PrintDocument(line, line.Change(&Stub::IssueDocument, i->request, kRole));
      });
  AddReportId(issue, *i->request.mutable_report_id());
  AddEnum(issue, "KIND", i->kind, "what it is")->required();
  issue
      .add_option("--agency", *i->request.mutable_agency_id(),
                  "an agency above the respondent [the respondent]")
      ->type_name("AGENCY");
  issue.add_option("--to", *i->request.mutable_addressee(), "somebody who is no agency of the registry")
      ->type_name("TEXT");
  AddText(issue, "--text", *i->request.mutable_text(),
          "its words; they stay with the Ombudsman and the addressee")
      ->required();
  AddEnum(issue, "--finding", i->finding, "of an examination report");
  AddEnum(issue, "--maladministration", i->maladministration, "its kind, when the report finds it");
  AddFileOption(issue, i->files);

  struct DeliverOptions {
    ombudsman::v1::RecordDeliveryRequest request;
    absl::Time at = absl::InfinitePast();
  };
  const auto d = std::make_shared<DeliverOptions>();
  CLI::App& deliver = line.Add(
      kOmbudsmanGroup, "deliver",
      "record that the addressee has a document: its term runs from then (tanda terima); acts as ombudsman",
      {"lapor deliver 7K3M9QXT2B54-1/03", "lapor deliver 7K3M9QXT2B54-1/03 --at 2025-06-19T09:00:00+07:00"},
      [&line, d] {
        if (d->at != absl::InfinitePast()) *d->request.mutable_delivered_at() = decision::ToProto(d->at);
        return PrintDocument(line, line.Change(&Stub::RecordDelivery, d->request, kRole));
      });
  AddDocumentNumber(deliver, *d->request.mutable_document_number());
  AddTime(deliver, "--at", d->at, "when it was received [now]");

  struct ReplyOptions {
    ombudsman::v1::ReplyToDocumentRequest request;
    std::vector<std::string> files;
  };
  const auto r = std::make_shared<ReplyOptions>();
  CLI::App& reply =
      line.Add(kOmbudsmanGroup, "reply-document",
               "record the reply to a document, or that the summoned person came (jawaban terlapor); acts as "
               "ombudsman, or as "
               "the officer of the agency that it was addressed to",
               {"lapor reply-document 7K3M9QXT2B54-1/03 --as officer:id.32.73 --text 'Penjelasan kami ...' "
                "--attach sk.pdf",
                "lapor reply-document 7K3M9QXT2B54-1/04 --text 'Hadir memenuhi panggilan.'"},
               [&line, r]() -> absl::Status {
                 if (auto status = AddFiles(r->files, r->request.mutable_attachments()); !status.ok())
                   return status;
                 return PrintDocument(line, line.Change(&Stub::ReplyToDocument, r->request, kRole));
               });
  AddDocumentNumber(reply, *r->request.mutable_document_number());
  AddText(reply, "--text", *r->request.mutable_text(), "what was answered")->required();
  AddFileOption(reply, r->files);

  const auto documents = std::make_shared<ombudsman::v1::ListDocumentsRequest>();
  CLI::App& documents_command =
      line.Add(kOmbudsmanGroup, "documents",
               "the documents of a report with their words and replies; acts as ombudsman, or as an officer "
               "of an agency, who "
               "sees those addressed to it",
               {"lapor documents 7K3M-9QXT-2B54", "lapor documents 7K3M-9QXT-2B54 --as officer:id.32.73"},
               [&line, documents]() -> absl::Status {
                 const auto list = line.Call(&Stub::ListDocuments, *documents, kRole);
                 if (!list.ok()) return list.status();
                 return line.Print(*list, ShowDocuments(*list, line.zone()));
               });
  AddReportId(documents_command, *documents->mutable_report_id());

  struct DossierOptions {
    ombudsman::v1::ExportDossierRequest request;
    std::string file;
  };
  const auto x = std::make_shared<DossierOptions>();
  CLI::App& dossier = line.Add(
      kOmbudsmanGroup, "dossier",
      "write all that there is of a case into one archive (berkas perkara), as far as the caller may read "
      "it; acts as "
      "ombudsman, or as monitor or an officer of the respondent",
      {"lapor dossier 7K3M-9QXT-2B54", "lapor dossier 7K3M-9QXT-2B54 --to perkara.zip --as officer:id.32.73"},
      [&line, x]() -> absl::Status {
        const auto exported = line.Call(&Stub::ExportDossier, x->request, kRole);
        if (!exported.ok()) return exported.status();
        const std::string file = x->file.empty() ? exported->file_name() : x->file;
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out << exported->archive();
        out.close();
        if (!out) return absl::InvalidArgumentError(fmt::format("{} can't be written", file));
        ombudsman::v1::ExportDossierResponse told = *exported;
        told.clear_archive();
        return line.Print(told, fmt::format("{}, {} bytes, SHA-256 {}\n", file, exported->archive().size(),
                                            exported->sha256()));
      });
  AddReportId(dossier, *x->request.mutable_report_id());
  dossier.add_option("--to", x->file, "the file to write; without it, the dossier's own name");

  struct ComplianceOptions {
    ombudsman::v1::RecordComplianceRequest request;
    event::v1::Compliance compliance = event::v1::COMPLIANCE_UNSPECIFIED;
  };
  const auto k = std::make_shared<ComplianceOptions>();
  CLI::App& compliance =
      line.Add(kOmbudsmanGroup, "compliance",
               "record how far the respondent has done what was asked (pelaksanaan); acts as ombudsman",
               {"lapor compliance 7K3M-9QXT-2B54 full --text 'KTP sudah diterima pelapor.'"}, [&line, k] {
                 k->request.set_compliance(k->compliance);
                 return line.PrintChange(line.Change(&Stub::RecordCompliance, k->request, kRole));
               });
  AddReportId(compliance, *k->request.mutable_report_id());
  AddEnum(compliance, "COMPLIANCE", k->compliance, "how far")->required();
  AddText(compliance, "--text", *k->request.mutable_text(), "what was seen")->required();

  line.Add(kOmbudsmanGroup, "offices", "the Ombudsman's offices and the provinces of each; acts as ombudsman",
           {"lapor offices"}, [&line]() -> absl::Status {
             const auto list = line.Call(&Stub::ListOffices, ombudsman::v1::ListOfficesRequest(), kRole);
             if (!list.ok()) return list.status();
             return line.Print(*list, ShowOffices(*list));
           });

  struct EndOptions {
    ombudsman::v1::CloseEscalationRequest request;
    event::v1::EscalationOutcome outcome = event::v1::ESCALATION_OUTCOME_UNSPECIFIED;
    event::v1::Maladministration kind = event::v1::MALADMINISTRATION_UNSPECIFIED;
  };
  const auto e = std::make_shared<EndOptions>();
  CLI::App& end =
      line.Add(kOmbudsmanGroup, "end", "close an escalation with its outcome (tutup); acts as ombudsman",
               {"lapor end 7K3M-9QXT-2B54 maladministration-found --kind protracted-delay",
                "lapor end 7K3M-9QXT-2B54 not-found", "lapor end 7K3M-9QXT-2B54 resolved"},
               [&line, e] {
                 e->request.set_outcome(e->outcome);
                 e->request.set_maladministration(e->kind);
                 return line.PrintChange(line.Change(&Stub::CloseEscalation, e->request, kRole));
               });
  AddReportId(end, *e->request.mutable_report_id());
  AddEnum(end, "OUTCOME", e->outcome, "what came of it")
      ->type_name("maladministration-found|not-found|resolved|stopped|settled")
      ->required();
  AddEnum(end, "--kind", e->kind, "of maladministration, when it was found");
}

}  // namespace lapor::client
