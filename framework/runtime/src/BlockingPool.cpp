#include "patchbay/runtime/BlockingPool.h"

#include <Poco/Exception.h>

#include "Careful.h"
#include "Crew.h"

namespace Patchbay::Runtime {

namespace {

class ThreadedPool : public BlockingPool {
 public:
  explicit ThreadedPool(size_t threads) {
    if (threads == 0) throw Poco::InvalidArgumentException("a blocking pool needs a thread");
    for (size_t i = 0; i < threads; ++i) _crew->hire();
  }
  ~ThreadedPool() override { stop(); }

  void submit(Task job) override { _crew->submit(std::move(job), {}); }
  void submit(Task job, Duration longest) override { _crew->submit(std::move(job), longest); }
  std::unique_ptr<Watch> watch(Duration longest, std::function<void()> overdue) override {
    return std::make_unique<Supervised>(_crew, longest, std::move(overdue));
  }
  size_t abandoned() const override { return _crew->abandoned(); }
  void stop() override { _crew->stop(); }

 private:
  struct Supervised : Watch {
    Supervised(std::shared_ptr<Crew> of, Duration longest, std::function<void()> overdue)
        : crew(std::move(of)), entry(crew->supervisor().add(longest, std::move(overdue))) {}
    ~Supervised() override { crew->supervisor().remove(entry); }
    const std::shared_ptr<Crew> crew;  // also for a job that hangs longer than the pool lives
    const Supervisor::Entry entry;
  };

  const std::shared_ptr<Crew> _crew = std::make_shared<Crew>();
};

class InlinePool : public BlockingPool {
 public:
  using BlockingPool::submit;
  void submit(Task job) override {
    if (!_stopped) careful("job", job);
  }
  void stop() override { _stopped = true; }

 private:
  bool _stopped = false;
};

}  // namespace

std::unique_ptr<BlockingPool> makeThreadedPool(size_t threads) {
  return std::make_unique<ThreadedPool>(threads);
}
std::unique_ptr<BlockingPool> makeInlinePool() {
  return std::make_unique<InlinePool>();
}

}  // namespace Patchbay::Runtime
