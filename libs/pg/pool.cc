#include "libs/pg/pool.h"

#include <poll.h>

#include <algorithm>
#include <pqxx/connection>
#include <pqxx/errorhandler>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "fmt/format.h"
#include "libs/pg/errors.h"

namespace lapor::pg {
namespace {

using Write = pqxx::transaction<pqxx::read_committed, pqxx::read_write>;
using ReadOnly = pqxx::transaction<pqxx::read_committed, pqxx::read_only>;

// Adds our limits to the connection string where it is silent: a peer that has gone without a word is noticed
// by the keepalives while we wait for a reply, and by the user timeout while we send.
std::string WithLimits(std::string conninfo, absl::Duration connect_timeout) {
  const bool is_uri = conninfo.starts_with("postgresql://") || conninfo.starts_with("postgres://");
  const auto add = [&](std::string_view name, int64_t value) {
    if (conninfo.find(fmt::format("{}=", name)) != std::string::npos) return;
    const char* separator = !is_uri ? " " : conninfo.find('?') == std::string::npos ? "?" : "&";
    conninfo += fmt::format("{}{}={}", separator, name, value);
  };
  add("connect_timeout", std::max<int64_t>(2, absl::ToInt64Seconds(connect_timeout)));
  add("keepalives_idle", 10);
  add("keepalives_interval", 5);
  add("keepalives_count", 4);
  add("tcp_user_timeout", 30'000);
  return conninfo;
}

// What must hold in every session, whatever the server, the database or the role sets by default.
std::string SessionSettings(const PoolOptions& options, pqxx::connection& connection) {
  const int64_t timeout_ms = absl::ToInt64Milliseconds(options.statement_timeout);
  return fmt::format(
      "SET application_name = {};"
      "SET client_encoding = 'UTF8';"
      "SET TimeZone = 'UTC';"
      "SET DateStyle = 'ISO';"
      "SET bytea_output = 'hex';"
      "SET extra_float_digits = 1;"
      "SET default_transaction_isolation = 'read committed';"
      "SET statement_timeout = {};"
      "SET idle_in_transaction_session_timeout = {};",
      connection.quote(options.application_name), timeout_ms, timeout_ms);
}

}  // namespace

// libpqxx would reconnect a connection that it knows to be lost, without the settings. It never gets the
// chance: a transaction begins on a session that IsConnected, and ends with the first error.
struct Pool::Session {
  explicit Session(const std::string& conninfo) : connection(conninfo), silence(connection) {
    connection.set_verbosity(pqxx::connection_base::verbose);  // for CulpritIn
  }

  // False once the server has hung up, which libpqxx notices only when it uses the connection.
  bool IsConnected() const {
    pollfd socket{connection.sock(), POLLRDHUP, 0};
    return connection.is_open() && poll(&socket, 1, 0) == 0;
  }

  pqxx::connection connection;
  pqxx::quiet_errorhandler silence;  // libpq would print notices, with the values in them, to stderr
};

Pool::Pool(PoolOptions options) : options_(std::move(options)), free_(options_.max_connections) {}
Pool::~Pool() = default;

absl::Status Pool::Transact(const Body& body) { return Run<Write>(body); }
absl::Status Pool::Read(const Body& body) { return Run<ReadOnly>(body); }

template <typename Transaction>
absl::Status Pool::Run(const Body& body) {
  absl::StatusOr<std::unique_ptr<Session>> session = Acquire();
  if (!session.ok()) return session.status();

  Progress progress;
  absl::Status status;
  try {
    Transaction transaction((*session)->connection);  // rolls back in its destructor unless it was committed
    Tx tx(transaction, progress);
    status = body(tx);
    if (status.ok() && progress.failed) {
      status = absl::InternalError(
          fmt::format("the body went on after statement {} had failed", progress.statement));
    }
    if (status.ok() && std::is_same_v<Transaction, Write>) {
      if (!(*session)->IsConnected()) throw pqxx::broken_connection();
      progress.commit_sent = true;
      transaction.commit();
    }
  } catch (...) {
    status = StatusOfCurrentException(progress);
    // A fresh connection cures what an odd session state has caused, as a prepared statement that a migration
    // has made obsolete.
    if (status.code() == absl::StatusCode::kInternal) session->reset();
  }
  Release(*std::move(session));
  return status;
}

absl::StatusOr<std::unique_ptr<Pool::Session>> Pool::Acquire() {
  std::unique_ptr<Session> session;
  {
    std::unique_lock lock(mutex_);
    if (!released_.wait_for(lock, absl::ToChronoNanoseconds(options_.acquire_timeout),
                            [this] { return free_ > 0; })) {
      return absl::ResourceExhaustedError(fmt::format("all {} connections to PostgreSQL were busy for {}",
                                                      options_.max_connections,
                                                      absl::FormatDuration(options_.acquire_timeout)));
    }
    --free_;
    while (!session && !idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
      if (!session->IsConnected()) session.reset();
    }
  }
  if (session) return session;
  try {
    return Connect();
  } catch (...) {
    Release(nullptr);
    return StatusOfConnectFailure();
  }
}

std::unique_ptr<Pool::Session> Pool::Connect() const {
  auto session = std::make_unique<Session>(WithLimits(options_.conninfo, options_.connect_timeout));
  pqxx::nontransaction(session->connection).exec(SessionSettings(options_, session->connection));
  return session;
}

void Pool::Release(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
    if (session) idle_.push_back(std::move(session));
  }
  released_.notify_one();
}

}  // namespace lapor::pg
