#include "libs/telling/terms.h"

#include <catch2/catch.hpp>

#include "lapor/event/v1/event.pb.h"
#include "lapor/report/v1/report.pb.h"
#include "lapor/reporting/v1/reporting.pb.h"
#include "lapor/routing/v1/routing.pb.h"

namespace lapor::telling {
namespace {

TEST_CASE("a value is called by its own words, with hyphens") {
  CHECK(Word(report::v1::REPORT_CLASS_INFORMATION_REQUEST) == "information-request");
  CHECK(Word(event::v1::CLOSING_BY_SILENCE) == "by-silence");
  CHECK(Word(static_cast<report::v1::ReportClass>(77)) == "77");
}

TEST_CASE("a word is read in any of the forms in which people meet it") {
  const auto& type = *google::protobuf::GetEnumDescriptor<report::v1::ReportClass>();
  for (const char* text :
       {"information-request", "INFORMATION_REQUEST", "REPORT_CLASS_INFORMATION_REQUEST"}) {
    int value = 0;
    INFO(text);
    REQUIRE(ReadWord(type, text, &value));
    CHECK(value == report::v1::REPORT_CLASS_INFORMATION_REQUEST);
  }
}

TEST_CASE("a word that is none is not read, nor is unspecified") {
  const auto& type = *google::protobuf::GetEnumDescriptor<report::v1::ReportClass>();
  int value = 0;
  CHECK_FALSE(ReadWord(type, "complain", &value));
  CHECK_FALSE(ReadWord(type, "unspecified", &value));
  CHECK_FALSE(ReadWord(type, "", &value));
}

TEST_CASE("people read the English words with the Indonesian term") {
  CHECK(Label(report::v1::REPORT_CLASS_INFORMATION_REQUEST) == "information request (permintaan informasi)");
  CHECK(Label(report::v1::ROLE_OMBUDSMAN) == "Ombudsman");
  CHECK(Label(report::v1::REPORT_CLASS_UNSPECIFIED).empty());
}

// Adding a value shall make somebody think of what officers call it.
TEST_CASE("every value that people read has an Indonesian term") {
  const google::protobuf::EnumDescriptor* types[] = {
      google::protobuf::GetEnumDescriptor<report::v1::ReportClass>(),
      google::protobuf::GetEnumDescriptor<report::v1::Channel>(),
      google::protobuf::GetEnumDescriptor<report::v1::ReportStatus>(),
      google::protobuf::GetEnumDescriptor<report::v1::ArchiveReason>(),
      google::protobuf::GetEnumDescriptor<report::v1::Clock>(),
      google::protobuf::GetEnumDescriptor<routing::v1::RouteState>(),
      google::protobuf::GetEnumDescriptor<routing::v1::SuggestionBasis>(),
      google::protobuf::GetEnumDescriptor<routing::v1::PlaceNeeded>(),
      google::protobuf::GetEnumDescriptor<routing::v1::RulesSay>(),
      google::protobuf::GetEnumDescriptor<event::v1::ReturnReason>(),
      google::protobuf::GetEnumDescriptor<event::v1::AgencyKind>(),
      google::protobuf::GetEnumDescriptor<event::v1::ResponseKind>(),
      google::protobuf::GetEnumDescriptor<event::v1::Closing>(),
      google::protobuf::GetEnumDescriptor<event::v1::EscalationCause>(),
      google::protobuf::GetEnumDescriptor<event::v1::Ground>(),
      google::protobuf::GetEnumDescriptor<event::v1::EscalationStage>(),
      google::protobuf::GetEnumDescriptor<event::v1::EscalationOutcome>(),
      google::protobuf::GetEnumDescriptor<event::v1::Maladministration>(),
      google::protobuf::GetEnumDescriptor<policy::v1::StartEvent>(),
      google::protobuf::GetEnumDescriptor<reporting::v1::Band>()};
  for (const auto* type : types) {
    for (int i = 1; i < type->value_count(); ++i) {
      const std::string label = Label(*type, type->value(i)->number());
      INFO(type->full_name() << '.' << type->value(i)->name() << " reads '" << label << "'");
      CHECK(label.find('(') != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace lapor::telling
