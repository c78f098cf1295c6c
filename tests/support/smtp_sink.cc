#include "tests/support/smtp_sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

namespace lapor::test {
namespace {

// Lines of a connection.
class Lines {
 public:
  explicit Lines(int fd) : fd_(fd) {}

  // Without its end; nothing at the end of the connection.
  std::optional<std::string> Next() {
    size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      char bytes[4096];
      const ssize_t count = ::read(fd_, bytes, sizeof bytes);
      if (count <= 0) return std::nullopt;
      buffer_.append(bytes, static_cast<size_t>(count));
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }

 private:
  const int fd_;
  std::string buffer_;
};

void Say(int fd, const std::string& line) {
  const std::string bytes = line + "\r\n";
  [[maybe_unused]] const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string InBrackets(const std::string& line) {
  const size_t open = line.find('<');
  return line.substr(open + 1, line.find('>') - open - 1);
}

}  // namespace

std::string ReceivedMail::Header(const std::string& name) const {
  const std::string header = "\r\n" + bytes.substr(0, bytes.find("\r\n\r\n")) + "\r\n";
  const size_t at = header.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size() + 4;
  return header.substr(begin, header.find("\r\n", begin) - begin);
}

SmtpSink::SmtpSink(Mood mood, int port) : mood_(mood) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the mail server of the test can't listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

SmtpSink::~SmtpSink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ++mood_changes_;
    if (open_fd_ >= 0) ::shutdown(open_fd_, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void SmtpSink::Be(Mood mood) {
  {
    const std::lock_guard lock(mutex_);
    mood_ = mood;
    ++mood_changes_;
    if (open_fd_ >= 0) ::shutdown(open_fd_, SHUT_RDWR);
  }
  changed_.notify_all();
}

std::vector<ReceivedMail> SmtpSink::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

void SmtpSink::Serve() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    Mood mood;
    {
      std::unique_lock lock(mutex_);
      if (stopping_) {
        ::close(fd);
        return;
      }
      mood = mood_;
      open_fd_ = fd;
      ++connections_;
      if (mood == Mood::kHangs) {
        changed_.wait(lock, [this, before = mood_changes_] { return mood_changes_ != before; });
      }
    }
    if (mood != Mood::kHangs) Talk(fd, mood);
    {
      const std::lock_guard lock(mutex_);
      open_fd_ = -1;
    }
    ::close(fd);
  }
}

void SmtpSink::Talk(int fd, Mood mood) {
  Lines lines(fd);
  Say(fd, "220 sink ESMTP");
  ReceivedMail mail;
  int recipients = 0;
  while (const auto line = lines.Next()) {
    const std::string word = line->substr(0, 4);
    if (word == "EHLO" || word == "HELO") {
      if (mood == Mood::kOffersTls) Say(fd, "250-STARTTLS");
      Say(fd, "250 sink");
    } else if (word == "STAR") {
      Say(fd, "220 go ahead");
      return;
    } else if (word == "MAIL") {
      mail = ReceivedMail{.from = InBrackets(*line), .to = {}, .bytes = {}};
      Say(fd, mood == Mood::kIsOverloaded    ? "451 later"
              : mood == Mood::kRefusesSender ? "550 not from there"
                                             : "250 ok");
      recipients = 0;
    } else if (word == "RCPT") {
      const std::string to = InBrackets(*line);
      if (mood == Mood::kRefusesFirst && recipients++ == 0) {
        Say(fd, "451 later");
      } else if (mood == Mood::kRefuses || mood == Mood::kRefusesFirst) {
        Say(fd, "550 no mailbox " + to);
      } else {
        mail.to.push_back(to);
        Say(fd, "250 ok");
      }
    } else if (word == "DATA") {
      Say(fd, "354 go on");
      std::optional<std::string> text;
      while ((text = lines.Next()) && *text != ".") {
        mail.bytes += (text->starts_with("..") ? text->substr(1) : *text) + "\r\n";
      }
      if (!text) return;
      if (mood == Mood::kRefusesText) {
        Say(fd, "550 looks like spam");
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        mails_.push_back(mail);
      }
      if (mood == Mood::kForgets) return;
      Say(fd, "250 taken");
    } else if (word == "QUIT") {
      Say(fd, "221 bye");
      return;
    } else {
      Say(fd, "250 ok");
    }
  }
}

}  // namespace lapor::test
