#include "libs/notify/channel.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "libs/runtime/testing/temporary_folder.h"

namespace lapor::notify {
namespace {

const runtime::SystemClock kClock;

std::string Smtp(const std::string& url, const std::string& from = "lapor@agency.example") {
  return std::string(
      MakeSmtp({.url = url, .user = {}, .password = {}, .from = from}, kClock).status().message());
}

std::string Webhook(const std::string& url,
                    runtime::Environment environment = runtime::Environment::kProduction) {
  return std::string(MakeWebhook({.url = url, .token = {}, .environment = environment}).status().message());
}

TEST_CASE("a wrong setting of a channel is refused, by its name") {
  CHECK(Smtp("smtp://mail.example:587").empty());
  CHECK(Smtp("smtps://mail.example").empty());
  CHECK(Smtp("http://mail.example") == "--notify-smtp-url: is no URL that begins with smtp:// or smtps://");
  CHECK(Smtp("mail.example").starts_with("--notify-smtp-url: "));
  CHECK(Smtp("smtp://user:secret@mail.example") ==
        "--notify-smtp-url: holds a user or a password; these have settings and files of their own");
  CHECK(Smtp("smtp://mail.example", "").starts_with("--notify-from: is needed"));
  CHECK(Smtp("smtp://mail.example", "LAPOR <lapor@agency.example>").starts_with("--notify-from: "));

  CHECK(Webhook("https://agency.example/hook").empty());
  CHECK(Webhook("http://127.0.0.1:8080/hook").empty());
  CHECK(Webhook("http://agency.example/hook") == "--notify-webhook-url: has to be https in production");
  CHECK(Webhook("http://agency.example/hook", runtime::Environment::kLocal).empty());
  // A name like an address is anybody's.
  CHECK(Webhook("http://127.agency.example/hook") == "--notify-webhook-url: has to be https in production");
  CHECK(Webhook("http://[::1]:8080/hook").empty());
  CHECK(Webhook("http://[2001:db8::1]/hook") == "--notify-webhook-url: has to be https in production");
  CHECK(Webhook("ftp://agency.example").starts_with("--notify-webhook-url: "));

  CHECK(
      std::string(MakeSmsFile("/no/such/folder/sms").status().message()).starts_with("--notify-sms-file: "));
}

TEST_CASE("the spool of the SMS gateway has a line for each number, and is its owner's alone") {
  const runtime::TemporaryFolder folder;
  const std::string path = folder / "sms.jsonl";
  auto sms = MakeSmsFile(path);
  REQUIRE(sms.ok());
  CHECK((*sms)->Send({"id1", {"+628123456789", "+628987654321"}, "", "Laporan \"7K3M\""}).ok());
  CHECK((*sms)->Send({"id2", {"+628123456789"}, "", "lagi"}).ok());
  std::ifstream file(path);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) ==
        R"({"id":"id1","text":"Laporan \"7K3M\"","to":"+628123456789"})"
        "\n"
        R"({"id":"id1","text":"Laporan \"7K3M\"","to":"+628987654321"})"
        "\n"
        R"({"id":"id2","text":"lagi","to":"+628123456789"})"
        "\n");
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a gateway takes the spool by renaming it, and half a line of a full disk spoils no other") {
  const runtime::TemporaryFolder folder;
  const std::string path = folder / "sms.jsonl";
  const auto sms = MakeSmsFile(path);
  REQUIRE(sms.ok());
  CHECK((*sms)->Send({"id1", {"+628123456789"}, "", "satu"}).ok());
  std::filesystem::rename(path, folder / "taken");
  CHECK((*sms)->Send({"id2", {"+628123456789"}, "", "dua"}).ok());
  std::ofstream(path, std::ios::app) << R"({"id":)";
  CHECK((*sms)->Send({"id3", {"+628123456789"}, "", "tiga"}).ok());
  const auto read = [](const std::string& name) {
    std::ifstream file(name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  CHECK(read(folder / "taken") == R"({"id":"id1","text":"satu","to":"+628123456789"})"
                                  "\n");
  CHECK(read(path) == R"({"id":"id2","text":"dua","to":"+628123456789"})"
                      "\n"
                      R"({"id":)"
                      "\n"
                      R"({"id":"id3","text":"tiga","to":"+628123456789"})"
                      "\n");
}

}  // namespace
}  // namespace lapor::notify
