// One connection to a server, kept between messages. The only place that includes libcurl.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace lapor::notify {

// A checked URL without credentials, of one of these schemes. INVALID_ARGUMENT, naming the setting.
struct Target {
  std::string url;
  // localhost or an address of the loopback; of other names nobody knows where they will lead.
  bool on_this_machine = false;
};
absl::StatusOr<Target> CheckUrl(const std::string& setting, const std::string& url,
                                const std::vector<std::string>& schemes);

// How a mail server is spoken to that begins in the clear.
enum class Tls { kNone, kIfOffered, kDemanded };

// Used by one thread at a time, but for Cancel.
class Transfer {
 public:
  explicit Transfer(absl::Duration timeout);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  struct Mail {
    std::string url;
    std::string user;
    std::string_view password;
    Tls tls = Tls::kDemanded;
    std::string from;
    std::vector<std::string> to;
    std::string_view bytes;
  };
  // OK when the server has taken it for one of the recipients at least. Errors as of Channel::Send.
  absl::Status SendMail(const Mail& mail);

  struct Post {
    std::string url;
    std::vector<std::string> headers;
    std::string_view body;
  };
  // OK for an answer of 200 to 299.
  absl::Status SendPost(const Post& post);

  void Cancel() { cancelled_ = true; }

 private:
  struct Handle;
  // What curl_easy_perform came to, a CURLcode, and the server's last answer.
  struct Performed {
    int code;
    long answer;
  };
  Performed Perform();

  const absl::Duration timeout_;
  std::unique_ptr<Handle> handle_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace lapor::notify
