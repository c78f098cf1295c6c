#include <catch2/catch.hpp>

#include "libs/notify/sender.h"

namespace lapor::notify {
namespace {

TEST_CASE("pauses double up to their cap, and half of each is left to chance") {
  const SenderOptions options{.retry_delay = absl::Seconds(30), .max_retry_delay = absl::Minutes(10)};
  CHECK(Backoff(1, 0, options) == absl::Seconds(15));
  CHECK(Backoff(2, 0, options) == absl::Seconds(30));
  CHECK(Backoff(3, 0.5, options) == absl::Seconds(90));
  CHECK(Backoff(5, 0, options) == absl::Minutes(4));
  CHECK(Backoff(6, 0, options) == absl::Minutes(5));
  CHECK(Backoff(60, 0, options) == absl::Minutes(5));
  CHECK(Backoff(60, 0.9999, options) < absl::Minutes(10));
}

}  // namespace
}  // namespace lapor::notify
