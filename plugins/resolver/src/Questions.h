#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "AnswerCache.h"
#include "Inquiry.h"
#include "patchbay/runtime/Counter.h"
#include "patchbay/runtime/Worker.h"

namespace Patchbay::Resolver {

/// What all workers' questions have in common. Lives longer than they.
struct Desk {
  explicit Desk(NameServer& server) : server(server) {}
  NameServer& server;
  AnswerCache::Bounds bounds;
  Runtime::Duration deadline{};  ///< a question that is older is taken for lost, and asked again when it is wanted
  size_t most = 1000;            ///< questions under way, all workers together
  bool useLoopback = true;       ///< a name may lead to this machine's loopback addresses
  std::atomic<size_t> underWay{0};

  Runtime::Counter* asked[4] = {};  ///< a, aaaa, srv, naptr
  Runtime::Counter* hits = nullptr;
  Runtime::Counter* joined = nullptr;
  Runtime::Counter* stale = nullptr;
  Runtime::Counter* answers[3] = {};   ///< found, not found, failed
  Runtime::Counter* failures[4] = {};  ///< timeout, server, malformed, refused
};

/// One worker's questions to the name servers: what it knows (cache), and what is under way, each asked once however many want it.
///
/// A question outlives the askers that gave up: its late answer still goes into the cache, and who asks meanwhile joins it. When it fails
/// (or is not asked, since too many are under way), what was known before is used, stale.
class Questions {
 public:
  Questions(Runtime::Worker& worker, Desk& desk);
  /// Nobody is told any more.
  ~Questions();
  Questions(const Questions&) = delete;

  /// Tells the link's asker: at once, or later, and then the link is linked meanwhile. `name` from writeName().
  void ask(std::string_view name, NameServer::Type type, Link& link);
  /// Takes a link out of its line and tells its asker what was known before; false when nothing was, and it stays.
  bool settleWithStale(Link& link);

 private:
  void inquire(std::string_view key, std::string name, NameServer::Type type, Link& link);
  void answered(const std::string& key, NameServer::Answer answer);
  void refuse(std::string_view key, Link& link);
  const NameServer::Answer* stale(std::string_view key);
  void keepUseful(NameServer::Answer& answer) const;
  void count(const NameServer::Answer& answer);

  Runtime::Worker& _worker;
  Desk& _desk;
  AnswerCache _cache;
  std::unordered_map<std::string, std::unique_ptr<Inquiry>> _inquiries;
  std::shared_ptr<Questions*> _self;  ///< a name server's late answer looks here whether we are still there
};

}  // namespace Patchbay::Resolver
