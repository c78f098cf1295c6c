// A mail server for tests: takes what it is sent, and shows it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lapor::test {

struct ReceivedMail {
  std::string from;
  std::vector<std::string> to;
  std::string bytes;  // header and text as they came, without the final dot

  // The value of a header field; empty when there is none.
  std::string Header(const std::string& name) const;
};

// Listens on a free port of 127.0.0.1, for one connection at a time. Thread-safe.
class SmtpSink {
 public:
  enum class Mood {
    kTakes,
    kHangs,          // connects, and says nothing
    kRefuses,        // no such mailbox
    kRefusesSender,  // 550 to MAIL
    kRefusesText,    // 550 to the mail itself
    kRefusesFirst,   // 451 to the first recipient, 550 to the others
    kOffersTls,      // but can't speak it
    kForgets,        // takes a mail, and breaks the connection before it says so
    kIsOverloaded    // try again later
  };

  explicit SmtpSink(Mood mood = Mood::kTakes, int port = 0);
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  // From the next connection on; ends those that are open.
  void Be(Mood mood);
  // Connections so far.
  int connections() const { return connections_; }
  std::vector<ReceivedMail> mails() const;

 private:
  void Serve();
  void Talk(int fd, Mood mood);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Mood mood_;
  int mood_changes_ = 0;
  int open_fd_ = -1;
  bool stopping_ = false;
  std::vector<ReceivedMail> mails_;
  std::thread thread_;
};

}  // namespace lapor::test
