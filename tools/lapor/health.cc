#include "tools/lapor/health.h"

#include <google/protobuf/empty.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <future>

#include "fmt/format.h"
#include "libs/rpc/channel.h"

namespace lapor::client {
namespace {

// The request may be empty, and the answer is a number in field 1: no need for its proto, which Debian's gRPC
// doesn't ship.
using HealthStub = grpc::TemplatedGenericStub<google::protobuf::Empty, google::protobuf::UInt32Value>;
constexpr uint32_t kServing = 1;

}  // namespace

absl::Status CheckHealth(const std::string& address, const std::string& tls_ca_file, absl::Duration limit) {
  rpc::ChannelOptions options;
  options.tls_ca_file = tls_ca_file;
  options.call_deadline = limit;
  const auto channel = rpc::Connect(address, options, runtime::Environment::kLocal);
  if (!channel.ok()) return channel.status();

  HealthStub stub(*channel);
  grpc::ClientContext context;
  rpc::OnOwnBehalf("", "", options, context);
  const google::protobuf::Empty request;
  google::protobuf::UInt32Value answer;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &answer,
                 [&answered](const grpc::Status& status) { answered.set_value(status); });
  const grpc::Status status = answered.get_future().get();
  if (!status.ok())
    return absl::UnavailableError(fmt::format("{} can't be reached: {}", address, status.error_message()));
  if (answer.value() != kServing) return absl::UnavailableError(address + " does not serve");
  return absl::OkStatus();
}

}  // namespace lapor::client
