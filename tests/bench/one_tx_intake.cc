// A peer to measure intake against: the same API, checks, schema, rows and TLS, but one transaction for each
// request, as services are usually written; sixteen of them at a time.
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "libs/eventlog/service.h"
#include "libs/policy/policy.h"
#include "migrations/intake.h"
#include "services/intake/aggregate.h"
#include "services/intake/api.h"

namespace lapor::bench {
namespace {

constexpr size_t kTransactionsAtATime = 16;

class OneTransactionIntake final : public intake::RawIntake {
 public:
  explicit OneTransactionIntake(std::vector<std::unique_ptr<intake::Api>> lanes) : lanes_(std::move(lanes)) {}

  grpc::ServerUnaryReactor* SubmitReport(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override {
    return lanes_[next_++ % lanes_.size()]->SubmitReport(context, request, response);
  }

 private:
  const std::vector<std::unique_ptr<intake::Api>> lanes_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace
}  // namespace lapor::bench

using namespace lapor;

int main(int argc, char** argv) {
  eventlog::Service service("intake", "One transaction a request: the peer of make bench");
  std::string policy_dir, reference_dir, receipt_key_file, sealing_key_file;
  intake::ApiOptions api_options;
  service.options().add_option("--policy-dir", policy_dir)->required();
  service.options().add_option("--reference-dir", reference_dir)->required();
  service.options().add_option("--receipt-key-file", receipt_key_file)->required();
  service.options().add_option("--sealing-key-file", sealing_key_file)->required();
  service.options().add_flag("--open-counter", api_options.open_counter);

  std::vector<std::unique_ptr<intake::Executor>> executors;
  return service.Run(argc, argv, [&](eventlog::Service& s) -> absl::Status {
    const auto policy = policy::Policy::Load(policy_dir, reference_dir);
    if (!policy.ok()) return policy.status();
    if (const auto backbone = s.StartBackbone(migrations::intake(), intake::MakeAggregate(*policy));
        !backbone.ok()) {
      return backbone.status();
    }
    const auto sealing_key =
        runtime::Secret::ReadKey("--sealing-key-file", sealing_key_file, intake::IdentityVault::kMinKeyBytes,
                                 s.process().environment());
    if (!sealing_key.ok()) return sealing_key.status();
    const auto vocabulary = intake::Vocabulary::Load(reference_dir, *sealing_key);
    if (!vocabulary.ok()) return vocabulary.status();
    std::vector<std::unique_ptr<intake::Api>> lanes;
    for (size_t lane = 0; lane < bench::kTransactionsAtATime; ++lane) {
      auto receipt_key =
          runtime::Secret::ReadKey("--receipt-key-file", receipt_key_file, intake::ReceiptKey::kMinKeyBytes,
                                   s.process().environment());
      if (!receipt_key.ok()) return receipt_key.status();
      executors.push_back(
          std::make_unique<intake::Executor>(s.pool(), s.journal(), s.clock(), intake::MakeAggregate(*policy),
                                             eventlog::ExecutorOptions{.max_batch_items = 1},
                                             [&s](const eventlog::Applied&) { s.relay().Wake(); }));
      lanes.push_back(std::make_unique<intake::Api>(
          api_options, intake::ApiParts{.responder = s.responder(),
                                        .executor = *executors.back(),
                                        .pool = s.pool(),
                                        .visibility = s.visibility(),
                                        .clock = s.clock(),
                                        .policy = *policy,
                                        .receipt_key = intake::ReceiptKey(*std::move(receipt_key)),
                                        .vault = intake::IdentityVault(*sealing_key),
                                        .vocabulary = *vocabulary,
                                        .ask_responses = intake::AskFollowup(s.peers())}));
    }
    s.Serve(std::make_unique<bench::OneTransactionIntake>(std::move(lanes)));
    return absl::OkStatus();
  });
}
