// Requests as they come off the wire.
//
// gRPC answers a request that it can't decode with UNIMPLEMENTED and no word of why. The commonest cause is
// text in another encoding than UTF-8, which a caller can put right if told where it is: so our services take
// their requests as bytes, and the Responder decodes them.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace lapor::rpc {

using Bytes = grpc::ByteBuffer;

// A generated service with these methods taking bytes and giving bytes, as in
//
//   RawService<v1::Routing::Service, v1::Routing::WithRawCallbackMethod_GetRoute>
//
// The methods that it leaves out are answered with UNIMPLEMENTED.
template <class Service, template <class> class... Methods>
struct RawMethods {
  using Type = Service;
};
template <class Service, template <class> class First, template <class> class... Rest>
struct RawMethods<Service, First, Rest...> {
  using Type = First<typename RawMethods<Service, Rest...>::Type>;
};
template <class Service, template <class> class... Methods>
using RawService = typename RawMethods<Service, Methods...>::Type;

// Why `bytes` can't be decoded as a message of this type: INVALID_ARGUMENT, a refusal that names the first
// field that is not UTF-8, or the request when it is something else.
absl::Status WhyUndecodable(const google::protobuf::Descriptor& type, const std::string& bytes);

// All bytes of the buffer, for WhyUndecodable.
std::string BytesOf(const Bytes& buffer);

// As Decode<SubmitReportRequest>(buffer).
template <typename Message>
absl::StatusOr<Message> Decode(const Bytes& buffer) {
  Bytes bytes = buffer;  // shares its content; decoding drains it
  Message message;
  if (grpc::SerializationTraits<Message>::Deserialize(&bytes, &message).ok()) return message;
  return WhyUndecodable(*Message::descriptor(), BytesOf(buffer));
}

template <typename Message>
Bytes Encode(const Message& message) {
  Bytes buffer;
  bool own_buffer = false;
  // Fails only when memory does.
  grpc::SerializationTraits<Message>::Serialize(message, &buffer, &own_buffer).IgnoreError();
  return buffer;
}

}  // namespace lapor::rpc
