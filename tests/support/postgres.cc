#include "tests/support/postgres.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <vector>

// libpqxx 6.4 forgets the last answer of a connection that is lost while in use, some 2 KiB; libpqxx 7
// doesn't. Asked by the leak sanitizer.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx-6.4"; }

namespace lapor::test {
namespace {

namespace fs = std::filesystem;
using Args = std::vector<std::string>;

const fs::path kDebianBinaries = "/usr/lib/postgresql/15/bin";

// Where the server's programs are: Debian keeps them out of PATH.
fs::path FindBinaries() {
  if (fs::exists(kDebianBinaries / "initdb")) return kDebianBinaries;
  std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find(':', start), path.size());
    if (fs::path folder = path.substr(start, end - start); fs::exists(folder / "initdb")) return folder;
    start = end + 1;
  }
  return {};
}

[[noreturn]] void SkipProcess(const std::string& reason) {
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string(ci) == "true") throw std::runtime_error(reason);
  std::cerr << "SKIPPED: " << reason << std::endl;
  std::_Exit(kSkipped);
}

struct Finished {
  int exit_code;
  std::string output;  // stdout and stderr
};

// Runs a program until its output ends. `keep_fd` stays open in it as descriptor 3.
Finished RunProgram(const Args& args, int keep_fd = -1) {
  std::array<int, 2> pipe_fds;
  if (pipe2(pipe_fds.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 1);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], 2);
  posix_spawn_file_actions_addchdir_np(&actions, "/");  // the service user may not be allowed in ours
  if (keep_fd >= 0) posix_spawn_file_actions_adddup2(&actions, keep_fd, 3);
  std::vector<char*> argv;
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_fds[1]);
  if (error != 0) {
    close(pipe_fds[0]);
    throw std::runtime_error(fmt::format("cannot run {}", args[0]));
  }
  Finished finished;
  std::array<char, 4096> buffer;
  for (ssize_t n; (n = read(pipe_fds[0], buffer.data(), buffer.size())) > 0;) {
    finished.output.append(buffer.data(), static_cast<size_t>(n));
  }
  close(pipe_fds[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (finished.output.ends_with('\n')) finished.output.pop_back();
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return finished;
}

std::string MustRun(const Args& args, int keep_fd = -1) {
  Finished finished = RunProgram(args, keep_fd);
  if (finished.exit_code != 0) {
    // Without the arguments: the connection string may hold a password.
    throw std::runtime_error(
        fmt::format("{} failed with {}:\n{}", args[0], finished.exit_code, finished.output));
  }
  return std::move(finished.output);
}

// PostgreSQL refuses to run as root.
Args AsServiceUser(Args args) {
  if (geteuid() == 0) args.insert(args.begin(), {"runuser", "-u", "postgres", "--"});
  return args;
}

// The same server, another database.
std::string WithDatabase(const std::string& conninfo, const std::string& name) {
  const bool is_uri = conninfo.starts_with("postgresql://") || conninfo.starts_with("postgres://");
  const char* separator = !is_uri ? " " : conninfo.find('?') == std::string::npos ? "?" : "&";
  return fmt::format("{}{}dbname={}", conninfo, separator, name);
}

// The server of this process.
class Server {
 public:
  static Server& Get() {
    static Server server;
    return server;
  }

  bool owned() const { return !folder_.empty(); }
  // A connection string without dbname: append one.
  const std::string& conninfo() const { return conninfo_; }

  std::string Psql(const std::string& database, const std::string& sql) const {
    const std::string psql = binaries_.empty() ? "psql" : (binaries_ / "psql").string();
    return MustRun(
        {psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", WithDatabase(conninfo_, database), "-c", sql});
  }

  // pg_ctl gives its own descriptors on to the server, and RunProgram would wait for the end of the pipe:
  // hence -l and the redirection.
  void Start() const {
    constexpr const char* kStart =
        R"("$0" -w -t 60 -D "$1/data" -l "$1/log" start >"$1/pg_ctl" 2>&1 || { cat "$1/pg_ctl" "$1/log"; exit 1; })";
    MustRun(AsServiceUser({"sh", "-c", kStart, (binaries_ / "pg_ctl").string(), folder_.string()}));
  }
  void Stop() const {
    MustRun(AsServiceUser({(binaries_ / "pg_ctl").string(), "-w", "-D", (folder_ / "data").string(), "-m",
                           "immediate", "stop"}));
  }

 private:
  Server();
  void CreateCluster();
  void StartUndertaker() const;

  fs::path binaries_;
  fs::path folder_;
  std::string conninfo_;
};

Server::Server() : binaries_(FindBinaries()) {
  if (const char* url = std::getenv("LAPOR_TEST_PG_URL"); url != nullptr && *url != '\0') {
    conninfo_ = url;
    return;
  }
  if (binaries_.empty()) {
    SkipProcess(
        "PostgreSQL is missing: install postgresql-15, or set LAPOR_TEST_PG_URL to the connection string of "
        "a superuser");
  }
  CreateCluster();
}

void Server::CreateCluster() {
  folder_ =
      MustRun(AsServiceUser({"mktemp", "-d", (fs::temp_directory_path() / "lapor-pg-XXXXXX").string()}));
  StartUndertaker();
  MustRun(AsServiceUser({(binaries_ / "initdb").string(), "-D", (folder_ / "data").string(), "-U", "postgres",
                         "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}));
  // Only who may enter the folder reaches the socket, hence trust. Synchronous commits as in operation; a
  // short deadlock_timeout, because tests make deadlocks on purpose.
  const std::string settings = fmt::format(
      "listen_addresses = ''\n"
      "unix_socket_directories = '{}'\n"
      "max_connections = 100\n"
      "shared_buffers = 64MB\n"
      "deadlock_timeout = 100ms\n",
      folder_.string());
  MustRun(AsServiceUser(
      {"sh", "-c", R"(printf %s "$1" >>"$0")", (folder_ / "data/postgresql.conf").string(), settings}));
  Start();
  conninfo_ = fmt::format("host={} user=postgres", folder_.string());
}

// A process of its own that waits for the end of this one, however it comes, on a pipe that only this one
// holds open; then it ends the server and removes the folder. setsid takes it out of the reach of a ctest
// that kills the tree of a test that hangs.
void Server::StartUndertaker() const {
  std::array<int, 2> life;  // never closed: the kernel does that
  if (pipe2(life.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  Args stop_and_remove = AsServiceUser({"sh", "-c", R"("$0" -D "$1/data" -m immediate stop; rm -rf "$1")",
                                        (binaries_ / "pg_ctl").string(), folder_});
  Args undertaker = {"sh", "-c", R"(exec setsid --fork sh -c 'cat <&3; exec "$@"' sh "$@" >/dev/null 2>&1)",
                     "sh"};
  undertaker.insert(undertaker.end(), stop_and_remove.begin(), stop_and_remove.end());
  MustRun(undertaker, life[0]);
  close(life[0]);
}

// Unique among the processes that share a server by LAPOR_TEST_PG_URL.
std::string NewName() {
  static std::atomic<int> count = 0;
  return fmt::format("lapor_test_{}_{}", getpid(), ++count);
}

const Server& OwnedServer() {
  const Server& server = Server::Get();
  if (!server.owned()) throw std::logic_error("the server of LAPOR_TEST_PG_URL is not ours to stop");
  return server;
}

}  // namespace

TestDatabase::TestDatabase() : name_(NewName()), conninfo_(WithDatabase(Server::Get().conninfo(), name_)) {
  Server::Get().Psql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE template0", name_));
}

TestDatabase::~TestDatabase() {
  try {
    Server::Get().Psql("postgres", fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
  } catch (const std::exception& error) {
    std::cerr << "TestDatabase: " << error.what() << std::endl;
  }
}

void TestDatabase::TerminateBackends() const {
  Server::Get().Psql("postgres", fmt::format("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                                             "WHERE datname = '{}' AND pid <> pg_backend_pid()",
                                             name_));
}

std::string TestDatabase::Query(const std::string& sql) const { return Server::Get().Psql(name_, sql); }

void TestDatabase::StopServer() { OwnedServer().Stop(); }
void TestDatabase::StartServer() { OwnedServer().Start(); }
bool TestDatabase::OwnsServer() { return Server::Get().owned(); }

}  // namespace lapor::test
