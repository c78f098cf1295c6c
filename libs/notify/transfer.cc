#include "libs/notify/transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>

namespace lapor::notify {
namespace {

void StartCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool IsThisMachine(const std::string& host) {
  in_addr ipv4;
  if (::inet_pton(AF_INET, host.c_str(), &ipv4) == 1) return ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr ipv6;
  if (host.starts_with('[') && ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ipv6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&ipv6);
  return host == "localhost";
}

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

size_t Read(char* to, size_t size, size_t count, void* from) {
  auto& rest = *static_cast<std::string_view*>(from);
  const size_t bytes = std::min(size * count, rest.size());
  std::memcpy(to, rest.data(), bytes);
  rest.remove_prefix(bytes);
  return bytes;
}

int CheckCancelled(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<std::atomic<bool>*>(cancelled) ? 1 : 0;
}

// How many recipients a mail server has no mailbox for. libcurl tells the last answer, but not to which
// command.
struct Recipients {
  bool being_asked = false;
  size_t unknown = 0;
};

// RFC 5321: no such mailbox here, or no mailbox of that name.
bool IsNoMailbox(int answer) { return answer == 550 || answer == 551 || answer == 553; }

// Of libcurl: each command and each line of an answer.
int Overhear(CURL*, curl_infotype type, char* bytes, size_t size, void* to) {
  auto& recipients = *static_cast<Recipients*>(to);
  const std::string_view line(bytes, size);
  if (type == CURLINFO_HEADER_OUT) recipients.being_asked = line.starts_with("RCPT ");
  int answer = 0;
  // The last line of an answer has no '-' behind its code.
  if (type == CURLINFO_HEADER_IN && recipients.being_asked && size > 3 && line[3] != '-' &&
      std::from_chars(bytes, bytes + 3, answer).ec == std::errc()) {
    recipients.unknown += IsNoMailbox(answer);
  }
  return 0;
}

// Whether nothing else could be sent now either: the server was not there, or not able to.
bool IsOutage(int code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_LOGIN_DENIED:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
      return true;
    default:
      return false;
  }
}

// What a server says may repeat an address: its code is all that is told.
std::string Describe(int code, long answer) {
  return fmt::format("{} (answer {})", curl_easy_strerror(static_cast<CURLcode>(code)), answer);
}

absl::Status Failure(int code, long answer) {
  const std::string text = Describe(code, answer);
  if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError(text);
  return IsOutage(code) ? absl::UnavailableError(text) : absl::AbortedError(text);
}

}  // namespace

absl::StatusOr<Target> CheckUrl(const std::string& setting, const std::string& url,
                                const std::vector<std::string>& schemes) {
  StartCurl();
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  const auto wrong = [&](const std::string& why) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", setting, why));
  };
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
      std::ranges::find(schemes, PartOf(parsed.get(), CURLUPART_SCHEME)) == schemes.end()) {
    return wrong(fmt::format("is no URL that begins with {}://", fmt::join(schemes, ":// or ")));
  }
  if (!PartOf(parsed.get(), CURLUPART_USER).empty() || !PartOf(parsed.get(), CURLUPART_PASSWORD).empty())
    return wrong("holds a user or a password; these have settings and files of their own");
  const std::string host = PartOf(parsed.get(), CURLUPART_HOST);
  return Target{url, IsThisMachine(host)};
}

struct Transfer::Handle {
  CURL* curl = curl_easy_init();
  curl_slist* list = nullptr;

  ~Handle() {
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
  }
  // Settings go; connections stay.
  void Reset(const std::vector<std::string>& texts) {
    curl_easy_reset(curl);
    curl_slist_free_all(list);
    list = nullptr;
    for (const std::string& text : texts) list = curl_slist_append(list, text.c_str());
  }
};

Transfer::Transfer(absl::Duration timeout) : timeout_(timeout) {
  StartCurl();
  handle_ = std::make_unique<Handle>();
}

Transfer::~Transfer() = default;

absl::Status Transfer::SendMail(const Mail& mail) {
  std::vector<std::string> to;
  for (const std::string& address : mail.to) to.push_back("<" + address + ">");
  handle_->Reset(to);
  CURL* const curl = handle_->curl;
  std::string_view rest = mail.bytes;
  curl_easy_setopt(curl, CURLOPT_URL, mail.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(mail.tls == Tls::kDemanded    ? CURLUSESSL_ALL
                                     : mail.tls == Tls::kIfOffered ? CURLUSESSL_TRY
                                                                   : CURLUSESSL_NONE));
  if (!mail.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, mail.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, std::string(mail.password).c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, handle_->list);
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &Read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
  Recipients recipients;
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, &Overhear);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &recipients);
  const Performed performed = Perform();
  // The connection outlives them.
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 0L);

  if (performed.code == CURLE_OK) return absl::OkStatus();
  // The same codes to MAIL or DATA are about us, and may pass.
  if (recipients.unknown == mail.to.size())
    return absl::FailedPreconditionError(Describe(performed.code, performed.answer));
  // libcurl's code for a text that the server refuses, too; the next one may pass.
  if (performed.code == CURLE_RECV_ERROR && performed.answer >= 400 && performed.answer != 421)
    return absl::AbortedError(Describe(performed.code, performed.answer));
  return Failure(performed.code, performed.answer);
}

absl::Status Transfer::SendPost(const Post& post) {
  handle_->Reset(post.headers);
  CURL* const curl = handle_->curl;
  curl_easy_setopt(curl, CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, handle_->list);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post.body.data());
  const auto [code, answer] = Perform();
  if (code != CURLE_OK) return Failure(code, answer);
  if (answer >= 200 && answer < 300) return absl::OkStatus();
  const std::string refused = fmt::format("answered {}", answer);
  if (answer >= 500 || answer == 408 || answer == 429) return absl::UnavailableError(refused);
  return absl::AbortedError(refused);
}

Transfer::Performed Transfer::Perform() {
  CURL* const curl = handle_->curl;
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(timeout_)));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // as it is set, and not by the environment
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &CheckCancelled);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &cancelled_);
  if (cancelled_) return {CURLE_ABORTED_BY_CALLBACK, 0};
  const CURLcode code = curl_easy_perform(curl);
  long answer = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
  return {code, answer};
}

}  // namespace lapor::notify
