#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/runtime/Worker.h"

namespace Patchbay::Runtime {

/// A number that only grows, one cell a worker, summed when read: adding costs a plain load and store, no locked instruction.
class PATCHBAY_API Counter {
 public:
  /// On a worker: not shared, so no read-modify-write. Other threads share cell 0 and pay for an atomic add.
  void add(uint64_t count = 1) {
    auto& cell = _cells[Worker::slot()].value;
    if (Worker::slot() == 0)
      cell.fetch_add(count, std::memory_order_relaxed);
    else
      cell.store(cell.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<uint64_t> value{0};
  };
  std::array<Cell, Workers::Most + 1> _cells;
};

/// One labelled value of a metric, for example {method="INVITE"}.
struct Label {
  std::string name;
  std::string value;
};

/// All metrics of the server, each declared once with its meaning. Registration takes a lock (load time), adding none.
/// Names are Prometheus names without prefix ("tm_transactions_total"); "patchbay_" is put before them.
class PATCHBAY_API Metrics {
 public:
  enum class Kind : uint8_t { counter, gauge };
  struct Sample {
    std::vector<Label> labels;
    double value;
  };
  struct Family {
    std::string name;
    std::string help;
    Kind kind;
    std::vector<Sample> samples;
  };

  Metrics();
  ~Metrics();
  /// A counter that lives as long as the registry. The same name with other labels joins the family; the same labels give the same counter.
  Counter& counter(std::string_view name, std::string_view help, std::vector<Label> labels = {});
  /// A value asked for when somebody reads; called on any thread. Removed with `forget` before what it captures dies.
  void gauge(std::string_view name, std::string_view help, std::function<double()> read, std::vector<Label> labels = {});
  void forget(std::string_view gaugeName);
  std::vector<Family> read() const;

 private:
  struct State;
  std::unique_ptr<State> _state;
};

}  // namespace Patchbay::Runtime
