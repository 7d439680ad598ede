#include "LegWriter.h"

#include <cstring>

#include "Transactions.h"

namespace Patchbay::Tm {

Transport::Flow LegWriter::flowTo(const Core::Destination& destination, const Resolver::Target& target) const {
  const auto& address = target.endpoint.address;
  return {destination.listener ? _tm.transport().listenerFor(target.protocol, address, destination.listener)
                               : _tm.transport().routeTo(target.protocol, address, _request.flow.listener),
          target.endpoint, target.way};
}

LegWriter::Sent LegWriter::send(const Core::Destination& target, const Core::NextHop& hop, const Transport::Flow& flow,
                                const Branch& branch, uint8_t breadth, Octets* keep) {
  char via[1024];
  constexpr std::string_view name = "Via: ";
  const std::string_view instance = _tm.core().instanceId();
  const std::string& prefix = flow.listener->viaPrefix;
  if (name.size() + prefix.size() + Branch::room(instance) + 2 + 32 > 512) return Sent::no;
  std::memcpy(via, name.data(), name.size());
  std::memcpy(via + name.size(), prefix.data(), prefix.size());
  char* end = branch.write(via + name.size() + prefix.size(), instance);
  std::memcpy(end, "\r\n", 2);
  Parser::Writer second(end + 2, static_cast<size_t>(via + sizeof(via) - end - 2));
  if (breadth) second.raw("Max-Breadth: ").number(breadth).raw("\r\n");
  Core::writeSecondRecordRoute(_tm.core(), _request, flow, second);
  const std::string_view top(via, static_cast<size_t>(end + 2 - via) + second.size());

  const Parser::Rebuild rebuild{_request.message, hop.requestUri,        top,
                                &_request.edits,  legEdits(target, hop), Transport::isReliable(flow.protocol())};
  const size_t room = rebuild.room();
  char* octets = _tm.transport().reserve(flow, room);
  if (!octets) return isTooLong(flow, room) ? Sent::tooLong : Sent::no;
  Parser::Writer out(octets, room);
  rebuild.write(out);
  if (!out.ok()) return Sent::no;
  if (keep) keep->assign(out.written());
  return _tm.transport().commit(flow, out.size()) ? Sent::yes : Sent::no;
}

const Parser::Edits* LegWriter::legEdits(const Core::Destination& target, const Core::NextHop& hop) {
  if (hop.pathRoutes.empty() && !hop.strict) return target.edits;
  Parser::Edits& edits = _tm.desk(*Runtime::Worker::current()).edits;
  if (target.edits)
    edits = *target.edits;
  else
    edits.clear();
  hop.applyRoutes(_tm.core(), _request, edits);
  return &edits;
}

}  // namespace Patchbay::Tm
