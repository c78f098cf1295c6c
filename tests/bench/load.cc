#include "tests/bench/load.h"

#include <condition_variable>
#include <memory>
#include <mutex>

#include "libs/eventlog/uuid.h"

namespace lapor::bench {
namespace {

using IntakeStub = intake::v1::Intake::Stub;

// One of the calls in flight, used again when it is answered.
struct Slot {
  std::unique_ptr<grpc::ClientContext> context;
  intake::v1::SubmitReportRequest request;
  intake::v1::SubmitReportResponse response;
  absl::Time due;
  std::vector<double> latencies_ms;
};

void Fill(intake::v1::SubmitReportRequest& request) {
  intake::v1::NewReport& report = *request.mutable_report();
  report.set_report_class(report::v1::REPORT_CLASS_COMPLAINT);
  report.set_channel(report::v1::CHANNEL_WEB);
  report.set_title("Jalan berlubang di depan pasar");
  report.set_description(
      "Lubang besar di tengah jalan depan pasar sudah dua bulan tidak diperbaiki. Kemarin malam seorang "
      "pengendara "
      "motor jatuh karena lubang tertutup air. Mohon segera ditambal sebelum ada korban lagi.");
  report.set_category("roads.regency");
  report.set_region("32.73");
  report.mutable_identity()->set_name("Pelapor Contoh");
  report.mutable_identity()->set_phone("+6281200000000");
  report::v1::Attachment& photo = *report.add_attachments();
  photo.set_sha256("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  photo.set_size_bytes(183'220);
  photo.set_media_type("image/jpeg");
  photo.set_uri("https://lampiran.example.go.id/foto.jpg");
}

// The calls of one load: all slots busy until the end, or one call after another at its due moment.
class Calls {
 public:
  Calls(client::Session& session, const Load& load)
      : session_(session), load_(load), slots_(static_cast<size_t>(load.in_flight)) {}

  absl::StatusOr<Loaded> Run() {
    start_ = absl::Now();
    end_ = start_ + load_.duration;
    for (Slot& slot : slots_) {
      Fill(slot.request);
      free_.push_back(&slot);
    }
    if (load_.rate > 0) {
      BeginAtDueMoments();
    } else {
      std::vector<Slot*> all;
      all.swap(free_);
      for (Slot* slot : all) Begin(*slot, absl::Now());
    }
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return free_.size() == slots_.size(); });
    if (!failure_.ok()) return failure_;

    Loaded loaded;
    for (const Slot& slot : slots_) {
      loaded.latencies_ms.insert(loaded.latencies_ms.end(), slot.latencies_ms.begin(),
                                 slot.latencies_ms.end());
    }
    loaded.per_second =
        static_cast<double>(loaded.latencies_ms.size()) / absl::ToDoubleSeconds(absl::Now() - start_);
    return loaded;
  }

 private:
  void BeginAtDueMoments() {
    for (int64_t n = 0;; ++n) {
      const absl::Time due = start_ + absl::Seconds(static_cast<double>(n) / load_.rate);
      if (due >= end_) return;
      const absl::Duration early = due - absl::Now();
      if (early > absl::ZeroDuration()) absl::SleepFor(early);
      std::unique_lock lock(mutex_);
      freed_.wait(lock, [this] { return !free_.empty(); });
      if (!failure_.ok()) return;
      Slot* slot = free_.back();
      free_.pop_back();
      lock.unlock();
      Begin(*slot, due);
    }
  }

  void Begin(Slot& slot, absl::Time due) {
    slot.due = due;
    slot.request.set_request_id(eventlog::NewUuid());
    slot.context = std::make_unique<grpc::ClientContext>();
    const absl::Status prepared = session_.Prepare(*slot.context, channel_);
    if (!prepared.ok()) return End(slot, prepared);
    session_.Get<IntakeStub>().async()->SubmitReport(
        slot.context.get(), &slot.request, &slot.response,
        [this, &slot](const grpc::Status& status) { End(slot, rpc::FromGrpc(status)); });
  }

  void End(Slot& slot, const absl::Status& status) {
    const absl::Time now = absl::Now();
    slot.latencies_ms.push_back(absl::ToDoubleMilliseconds(now - slot.due));
    {
      std::lock_guard lock(mutex_);
      if (!status.ok() && failure_.ok()) failure_ = status;
      const bool over = now >= end_ || !failure_.ok() || load_.rate > 0;
      if (over) {
        free_.push_back(&slot);
        freed_.notify_all();
        return;
      }
    }
    Begin(slot, now);
  }

  client::Session& session_;
  const Load load_;
  const rpc::Caller channel_ = *client::ParseCaller("channel");
  absl::Time start_;
  absl::Time end_;
  std::vector<Slot> slots_;

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Slot*> free_;  // guarded by mutex_
  absl::Status failure_;     // guarded by mutex_
};

}  // namespace

absl::StatusOr<Loaded> SubmitReports(client::Session& session, const Load& load) {
  return Calls(session, load).Run();
}

}  // namespace lapor::bench
