#include "libs/report/content.h"

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

namespace lapor::report {
namespace {

std::vector<std::string> Told(const decision::Refusals& refusals) {
  std::vector<std::string> told;
  const auto bad_input = decision::BadInputOf(refusals.status());
  if (!bad_input) return told;
  for (const auto& v : bad_input->violations()) told.push_back(v.field() + " " + v.rule());
  return told;
}
using Rules = std::vector<std::string>;

std::vector<std::string> Text(const std::string& text, TextForm form = TextForm::kText,
                              bool required = true) {
  decision::Refusals refusals;
  CheckText("text", text, form, 5, required, refusals);
  return Told(refusals);
}

TEST_CASE("a text is counted in characters, has no control characters and isn't blank") {
  CHECK(Text("\u00e9\u00e9\u00e9\u00e9\u00e9") == Rules{});
  CHECK(Text("sixsix") == Rules{"text has more than 5 characters"});
  CHECK(Text("a\nb\t") == Rules{});
  CHECK(Text("a\nb", TextForm::kLine) == Rules{"text holds line breaks or other control characters"});
  CHECK(Text(std::string("a\0b", 3)) ==
        Rules{"text holds control characters other than line breaks and tabs"});
  CHECK(Text("a\x7f") == Rules{"text holds control characters other than line breaks and tabs"});
  CHECK(Text("\xff") == Rules{"text is not UTF-8"});
}

TEST_CASE("what is required can't be left out, and what is not can't be blank") {
  CHECK(Text("") == Rules{"text is required"});
  CHECK(Text(" \n\t") == Rules{"text is required"});
  CHECK(Text("", TextForm::kText, false) == Rules{});
  CHECK(Text(" ", TextForm::kText, false) == Rules{"text is blank"});
}

std::vector<std::string> Spoilt(const std::function<void(v1::Attachment&)>& spoil) {
  v1::Attachment photo;
  photo.set_sha256(std::string(64, 'a'));
  photo.set_size_bytes(1);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://files.example.id/1");
  spoil(photo);
  decision::Refusals refusals;
  CheckAttachment("evidence[0]", photo, refusals);
  return Told(refusals);
}

TEST_CASE("an attachment is a reference that can be checked and fetched") {
  CHECK(Spoilt([](auto&) {}) == Rules{});
  CHECK(Spoilt([](auto& a) { a.set_uri("answers/2025/06/photo-1"); }) == Rules{});
  CHECK(Spoilt([](auto& a) { a.set_size_bytes(kMaxAttachmentBytes); }) == Rules{});
  CHECK(Spoilt([](auto& a) { a = {}; }).size() == 4);

  const Rules hash{"evidence[0].sha256 must be 64 lower-case hexadecimal digits"};
  for (const std::string& sha256 :
       {std::string(), std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g')})
    CHECK(Spoilt([&](auto& a) { a.set_sha256(sha256); }) == hash);
  const Rules size{"evidence[0].size_bytes must be 1 to 104857600"};
  for (const int64_t bytes : {int64_t{0}, int64_t{-1}, kMaxAttachmentBytes + 1})
    CHECK(Spoilt([&](auto& a) { a.set_size_bytes(bytes); }) == size);
  const Rules media_type{"evidence[0].media_type must be a media type of at most 127 characters"};
  for (const char* type : {"", "jpeg", "image/", "/jpeg", "image/jpeg; q=1", "image/jp eg", "a/b/c"}) {
    CAPTURE(type);
    CHECK(Spoilt([&](auto& a) { a.set_media_type(type); }) == media_type);
  }
  for (const std::string uri : {"", "http://files.example.id/1", "file:/etc/passwd", "javascript:1",
                                "https://", "https:///x", "a b", "caf\u00e9"}) {
    CAPTURE(uri);
    CHECK(Spoilt([&](auto& a) { a.set_uri(uri); }).size() == 1);
  }
  CHECK(Spoilt([](auto& a) { a.set_uri("https://e.id/" + std::string(kMaxUriCharacters, 'x')); }).size() ==
        1);
}

}  // namespace
}  // namespace lapor::report
