#include "libs/rpc/worker_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <latch>

namespace lapor::rpc {
namespace {

TEST_CASE("a pool refuses at once what is more than may wait") {
  std::latch started(1);
  std::latch release(1);
  std::atomic<int> ran = 0;
  WorkerPool pool(1, 2);
  REQUIRE(pool.TrySubmit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();

  CHECK(pool.TrySubmit([&] { ++ran; }));
  CHECK(pool.TrySubmit([&] { ++ran; }));
  CHECK_FALSE(pool.TrySubmit([&] { ++ran; }));
  CHECK(pool.queued() == 2);
  release.count_down();
  pool.Stop();
  CHECK(ran == 2);
}

TEST_CASE("a pool runs as many at a time as it has threads") {
  std::latch all_there(3);
  WorkerPool pool(3, 8);
  for (int i = 0; i < 3; ++i) REQUIRE(pool.TrySubmit([&] { all_there.arrive_and_wait(); }));
  all_there.wait();
}

TEST_CASE("a stopped pool has run what it took and takes nothing more") {
  std::atomic<int> ran = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 100; ++i) REQUIRE(pool.TrySubmit([&] { ++ran; }));
  pool.Stop();
  CHECK(ran == 100);
  CHECK_FALSE(pool.TrySubmit([&] { ++ran; }));
  pool.Stop();
}

}  // namespace
}  // namespace lapor::rpc
