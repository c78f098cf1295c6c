// A real PostgreSQL for tests.
//
// The first TestDatabase of a process starts a private server in a temporary directory, reachable by its unix
// socket only, and each has a database of its own. The server goes away with the process, even if that is
// killed. As root it runs as the user postgres, which can't use a TMPDIR that it can't enter.
//
// LAPOR_TEST_PG_URL (a libpq connection string of a superuser) uses a running server instead; it can't be
// stopped.
//
// Without PostgreSQL the whole process exits with kSkipped, which ctest counts as skipped, after one line
// that says why; with CI=true that is a failure.
#pragma once

#include <string>

namespace lapor::test {

inline constexpr int kSkipped = 77;

// Not thread-safe, but different objects may be used by different threads.
class TestDatabase {
 public:
  // Creates an empty database. Throws std::runtime_error when the server is there but refuses.
  TestDatabase();
  // Ends all sessions of the database and drops it.
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // For pg::PoolOptions and for child processes.
  const std::string& conninfo() const { return conninfo_; }

  // Ends every session of this database, as an administrator would, and waits until they are gone.
  void TerminateBackends() const;

  // As psql -Atc: columns are separated by '|'. Throws std::runtime_error.
  std::string Query(const std::string& sql) const;

  // Crashes the server (no checkpoint, no farewell), and starts it again; every database of the process is
  // affected. Throws std::logic_error with LAPOR_TEST_PG_URL: ask OwnsServer() first.
  static void StopServer();
  static void StartServer();
  static bool OwnsServer();

 private:
  std::string name_;
  std::string conninfo_;
};

}  // namespace lapor::test
