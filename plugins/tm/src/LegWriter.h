#pragma once

#include "ClientTransaction.h"
#include "TransactionKey.h"
#include "Turn.h"
#include "patchbay/core/NextHop.h"

namespace Patchbay::Tm {

/// Serialises a request for one target: our Via on top, its Request-URI and Routes (RFC 3261, 16.6 steps 2 to 8), the edits of the request
/// and of the leg.
class LegWriter {
 public:
  LegWriter(Transactions& transactions, Core::Request& request) : _tm(transactions), _request(request) {}

  enum class Sent : uint8_t { yes, no, tooLong };
  /// Writes straight into transport's output and sends it; keeps a copy when `keep` is given. `breadth` becomes Max-Breadth, 0: none.
  Sent send(const Core::Destination& target, const Core::NextHop& hop, const Transport::Flow& flow, const Branch& branch, uint8_t breadth,
            Octets* keep);
  /// The flow for a target that was found; without a listener when nothing fits.
  Transport::Flow flowTo(const Core::Destination& destination, const Resolver::Target& target) const;

 private:
  static bool isTooLong(const Transport::Flow& flow, size_t octets) {
    return !Transport::isReliable(flow.protocol()) && octets > LongestDatagram;
  }
  static constexpr size_t LongestDatagram = 65507;
  const Parser::Edits* legEdits(const Core::Destination& target, const Core::NextHop& hop);
  Transactions& _tm;
  Core::Request& _request;
};

}  // namespace Patchbay::Tm
