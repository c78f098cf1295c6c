// The desk's part of the API. What blocks here runs on the threads for reads.
#include "services/followup/api.h"

namespace lapor::followup {

rpc::Reactor* Api::AddNote(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::AddNoteRequest, v1::Note>(
      context, request, response,
      [this](const rpc::Call& call, const v1::AddNoteRequest& r) { return desk_.AddNote(call.caller, r); });
}

rpc::Reactor* Api::ListNotes(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::ListNotesRequest, v1::ListNotesResponse>(
      context, request, response, [this](const rpc::Call& call, const v1::ListNotesRequest& r) {
        return desk_.ListNotes(call.caller, r);
      });
}

rpc::Reactor* Api::RecordTemplate(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::RecordTemplateRequest, v1::Template>(
      context, request, response, [this](const rpc::Call& call, const v1::RecordTemplateRequest& r) {
        return desk_.RecordTemplate(call.caller, r);
      });
}

rpc::Reactor* Api::ListTemplates(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::ListTemplatesRequest, v1::ListTemplatesResponse>(
      context, request, response, [this](const rpc::Call& call, const v1::ListTemplatesRequest&) {
        return desk_.ListTemplates(call.caller);
      });
}

rpc::Reactor* Api::RemoveTemplate(rpc::Context* context, const rpc::Bytes* request, rpc::Bytes* response) {
  return responder_.Read<v1::RemoveTemplateRequest, v1::RemoveTemplateResponse>(
      context, request, response, [this](const rpc::Call& call, const v1::RemoveTemplateRequest& r) {
        return desk_.RemoveTemplate(call.caller, r);
      });
}

}  // namespace lapor::followup
