// The texts of deploy/notify, as a test of a service that sends them reads them.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "libs/notify/templates.h"

namespace lapor::notify::testing {

// Renders every text of `specs` in both languages, with what is optional and without, and checks that it
// tells which report and until when, and whom it is for: `in_body`, as "<agency>".
inline void CheckShippedTexts(const std::string& prefix, const std::vector<TemplateSpec>& specs,
                              const std::string& in_body) {
  const std::filesystem::path source = std::getenv("LAPOR_SOURCE_DIR");
  const auto templates = Templates::Load(source / "deploy/notify", prefix, specs);
  REQUIRE(templates.status().message() == "");
  for (const TemplateSpec& spec : specs) {
    for (const bool with_optional : {false, true}) {
      CAPTURE(spec.name, with_optional);
      Templates::Item item{spec.name, {}};
      for (const Placeholder& placeholder : spec.placeholders) {
        using Kind = Placeholder::Kind;
        if (placeholder.optional && !with_optional) continue;
        item.values[placeholder.name] = placeholder.kind == Kind::kDay ? "2026-03-20"
                                        : placeholder.kind == Kind::kWord
                                            ? placeholder.words->value(1)->name()
                                            : "<" + placeholder.name + ">";
      }
      const auto text = (*templates)->Render(item, report::v1::LANGUAGE_UNSPECIFIED);
      REQUIRE(text.ok());
      if (item.values.contains("report")) CHECK_THAT(text->subject, Catch::Contains("<report>"));
      CHECK_THAT(text->body, Catch::Contains(in_body));
      CHECK_THAT(text->body, !Catch::Contains("{"));
      if (!item.values.contains("due")) continue;
      // What is optional is never in a subject.
      if (!with_optional) CHECK_THAT(text->subject, Catch::Contains("20 Maret 2026"));
      CHECK_THAT(text->body, Catch::Contains("20 March 2026"));
    }
  }
}

}  // namespace lapor::notify::testing
