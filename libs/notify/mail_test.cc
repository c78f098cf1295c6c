#include "libs/notify/mail.h"

#include <catch2/catch.hpp>

namespace lapor::notify {
namespace {

constexpr absl::Time kDate = absl::FromUnixSeconds(1'741'057'200);

TEST_CASE("an address is one that neither an envelope nor a header reads as more") {
  CHECK(IsMailAddress("budi+lapor@warga.example"));
  for (const char* wrong : {"", "budi", "@x", "budi@", "a@b@c", "budi santoso@x.example", "a@b\r\nBcc: c@d",
                            "<a@b>", "a@b,c@d", "a@b;c", "-oQ@x", "budí@x.example"}) {
    CAPTURE(wrong);
    CHECK_FALSE(IsMailAddress(wrong));
  }
}

TEST_CASE("a number is read without what people put between its digits") {
  CHECK(PhoneNumber("+62 812-3456-789") == "+628123456789");
  CHECK(PhoneNumber("(022) 555.1234") == "0225551234");
  for (const char* wrong :
       {"", "12345", "+62 812 ext 3", "dinkes@bandung.example", "1234567890123456", "6+2812345678"}) {
    CAPTURE(wrong);
    CHECK(PhoneNumber(wrong).empty());
  }
}

TEST_CASE("a mail is the same bytes whenever it is composed again, and says that a machine wrote it") {
  const Message message{"abc", {"budi@warga.example"}, "Laporan 7K3M-9QXT-2B54", "Baris satu\nBaris dua\n"};
  const std::string mail = ComposeMail(message, "lapor@agency.example", kDate);
  CHECK(mail ==
        "From: lapor@agency.example\r\nTo: budi@warga.example\r\nSubject: Laporan 7K3M-9QXT-2B54\r\n"
        "Date: Tue, 04 Mar 2025 03:00:00 +0000\r\nMessage-ID: <abc@agency.example>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        "Baris satu\r\nBaris dua\r\n");
}

TEST_CASE("what isn't ASCII travels encoded, and nothing breaks out of a header") {
  const std::string mail = ComposeMail(
      {"abc", {"a@b.example"}, "Dinas \xc3\xa9\r\nBcc: evil@x.example", "\xc3\xa9"}, "l@a.example", kDate);
  CHECK(mail.find("\r\nBcc:") == std::string::npos);
  CHECK(mail.find("Subject: =?UTF-8?B?RGluYXMgw6kNCkJjYzogZXZpbEB4LmV4YW1wbGU=?=\r\n") != std::string::npos);
  CHECK(mail.ends_with("Content-Transfer-Encoding: base64\r\n\r\nw6k=\r\n"));
}

TEST_CASE("several recipients don't see each other") {
  const std::string mail =
      ComposeMail({"abc", {"a@b.example", "c@d.example"}, "S", "T"}, "l@a.example", kDate);
  CHECK(mail.find("To: undisclosed-recipients:;\r\n") != std::string::npos);
  CHECK(mail.find("a@b.example") == std::string::npos);
}

}  // namespace
}  // namespace lapor::notify
