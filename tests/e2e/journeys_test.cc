// Each file of journeys/ is a story of the whole system, carried out on the five real processes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/e2e/journey.h"

namespace lapor::e2e {
namespace {

TEST_CASE("every journey ends as it is written") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("journeys")) files.push_back(entry.path());
  std::ranges::sort(files);
  REQUIRE_FALSE(files.empty());
  for (const std::filesystem::path& file : files) {
    std::cout << file.filename().string() << std::endl;
    auto stack = Stack::Up(absl::FromCivil(absl::CivilSecond(2025, 1, 1), absl::UTCTimeZone()));
    INFO(file << ": " << stack.status());
    REQUIRE(stack.ok());
    std::ifstream text(file);
    const absl::Status ended = Journey(**stack).Run(text);
    if (!ended.ok()) (*stack)->KeepFiles();
    INFO(file.string() << ", " << std::string(ended.message()));
    CHECK(ended.ok());
  }
}

}  // namespace
}  // namespace lapor::e2e
