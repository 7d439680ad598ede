#include "Sink.h"

#include <signal.h>

#include <utility>

namespace Patchbay::Log {

Sink::Sink(Poco::Channel::Ptr target, Layout layout, bool dated) : _target(std::move(target)), _layout(layout), _dated(dated) {}

Sink::~Sink() {
  if (_thread.joinable()) _thread.detach();
}

void Sink::start() {
  sigset_t all, before;
  sigfillset(&all);
  // signals are for the thread that waits for the end of the program
  pthread_sigmask(SIG_BLOCK, &all, &before);
  _running = true;
  duplicate();  // the thread's own reference: a thread left behind must find its sink
  _thread = std::thread([this] {
    run();
    release();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool Sink::flush(std::chrono::milliseconds most) {
  std::unique_lock<std::mutex> lock(_mutex);
  return _drained.wait_for(lock, most, [this] { return !_thread.joinable() || (_queue.empty() && !_writing && _dropped == 0); });
}

bool Sink::stop(std::chrono::milliseconds most) {
  const bool clean = flush(most);
  {
    std::lock_guard<std::mutex> lock(_mutex);
    _running = false;
    _abandoned = !clean;
  }
  _arrived.notify_all();
  if (_thread.joinable()) clean ? _thread.join() : _thread.detach();
  return clean;
}

void Sink::write(const Poco::Message& message, std::span<const Field> fields) {
  const bool json = _layout == Layout::json;
  enqueue({message.getPriority(), json ? jsonLine(message, fields) : textLine(message, fields, _dated)});
}

void Sink::enqueue(Line line) {
  {
    std::lock_guard<std::mutex> lock(_mutex);
    if (!_running && !_abandoned) return put(line);
    if (_abandoned || _queue.size() >= MostQueued) {
      ++_dropped;
      _droppedEver.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    _queue.push_back(std::move(line));
    if (_queue.size() > 1 || _writing) return;
  }
  _arrived.notify_one();
}

void Sink::run() {
  std::vector<Line> batch;
  std::unique_lock<std::mutex> lock(_mutex);
  while (_running || !_queue.empty()) {
    _arrived.wait(lock, [this] { return !_running || !_queue.empty(); });
    batch.swap(_queue);
    const uint64_t dropped = std::exchange(_dropped, 0);
    _writing = true;
    lock.unlock();
    for (const Line& line : batch) put(line);
    if (dropped > 0) putDrops(dropped);
    batch.clear();
    lock.lock();
    _writing = false;
    if (_queue.empty() && _dropped == 0) _drained.notify_all();
  }
}

void Sink::put(const Line& line) {
  try {
    _target->log(Poco::Message("", line.text, line.priority));
  } catch (...) {
    // nowhere is left to tell it
    _droppedEver.fetch_add(1, std::memory_order_relaxed);
  }
}

void Sink::putDrops(uint64_t count) {
  const Poco::Message message("log", "lines dropped: the reader is too slow", Poco::Message::PRIO_WARNING);
  const std::string number = std::to_string(count);
  const Field fields[] = {{"count", number}};
  put({Poco::Message::PRIO_WARNING, _layout == Layout::json ? jsonLine(message, fields) : textLine(message, fields, _dated)});
}

}  // namespace Patchbay::Log
