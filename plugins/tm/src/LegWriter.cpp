#include "LegWriter.h"

#include <cstring>

#include "Transactions.h"

namespace Patchbay::Tm {
namespace {

using Parser::HeaderId;

const Parser::Header* lastOf(const Parser::Message& message, HeaderId id) {
  const Parser::Header* last = nullptr;
  for (const Parser::Header* header = message.first(id); header; header = message.next(*header)) last = header;
  return last;
}

/// Behind the Routes that are there, or before all headers.
void appendRoute(const Parser::Message& message, std::string_view value, bool bare, Parser::Edits& edits) {
  std::string line("Route: ");
  line.append(bare ? "<" : "").append(value).append(bare ? ">" : "").append("\r\n");
  const Parser::Header* last = lastOf(message, HeaderId::route);
  edits.insertLines(last ? last->line.end() : message.headersBegin(), line);
}

}  // namespace

Transport::Flow LegWriter::flowTo(const Core::Destination& destination, const Resolver::Target& target) const {
  const Transport::Listener* preferred = destination.listener ? destination.listener : _request.flow.listener;
  return {_tm.transport().listenerFor(target.protocol, target.endpoint.address, preferred), target.endpoint, 0};
}

bool LegWriter::send(const Core::Destination& target, const Core::NextHop& hop, const Transport::Flow& flow, const Branch& branch,
                     Octets* keep) {
  char via[1024];
  constexpr std::string_view name = "Via: ";
  const std::string_view instance = _tm.core().instanceId();
  const std::string& prefix = flow.listener->viaPrefix;
  if (name.size() + prefix.size() + Branch::room(instance) + 2 > 512) return false;
  std::memcpy(via, name.data(), name.size());
  std::memcpy(via + name.size(), prefix.data(), prefix.size());
  char* end = branch.write(via + name.size() + prefix.size(), instance);
  std::memcpy(end, "\r\n", 2);
  Parser::Writer second(end + 2, static_cast<size_t>(via + sizeof(via) - end - 2));
  Core::writeSecondRecordRoute(_request, *flow.listener, second);
  const std::string_view top(via, static_cast<size_t>(end + 2 - via) + second.size());

  const Parser::Rebuild rebuild{_request.message, hop.requestUri, top, &_request.edits, legEdits(target, hop)};
  const size_t room = rebuild.room();
  char* octets = _tm.transport().reserve(flow, room);
  if (!octets) return false;
  Parser::Writer out(octets, room);
  rebuild.write(out);
  if (!out.ok()) return false;
  if (keep) keep->assign(out.written());
  return _tm.transport().commit(flow, out.size());
}

const Parser::Edits* LegWriter::legEdits(const Core::Destination& target, const Core::NextHop& hop) {
  if (hop.pathRoutes.empty() && !hop.strict) return target.edits;
  Parser::Edits& edits = _tm.desk(*Runtime::Worker::current()).edits;
  if (target.edits)
    edits = *target.edits;
  else
    edits.clear();
  if (hop.strict) cutFirstRoute(edits);
  if (!hop.pathRoutes.empty() && Parser::isHeaderSafe(hop.pathRoutes)) appendRoute(_request.message, hop.pathRoutes, false, edits);
  if (hop.strict && Parser::isHeaderSafe(hop.routeAppended)) appendRoute(_request.message, hop.routeAppended, true, edits);
  return &edits;
}

/// The strict router's own value, which has become the Request-URI: the one whose URI is the next route.
void LegWriter::cutFirstRoute(Parser::Edits& edits) {
  const Parser::Message& message = _request.message;
  const char* uri = _tm.core().nextRoute(_request).data();
  for (const Parser::Header* header = message.first(HeaderId::route); header; header = message.next(*header)) {
    const std::string_view all = message.text(header->value);
    if (uri < all.data() || uri >= all.data() + all.size()) continue;
    Parser::ListValues values(all);
    const char* begin = nullptr;
    while (const auto value = values.next()) {
      const bool found = uri >= value->data() && uri < value->data() + value->size();
      if (begin) {  // from the value to the one behind it
        edits.remove({static_cast<uint32_t>(begin - message.octets().data()), static_cast<uint32_t>(value->data() - begin)});
        return;
      }
      if (found) begin = value->data();
    }
    if (!begin) return;
    if (begin == all.data()) {
      edits.removeHeader(*header);
    } else {  // the last of several, those before it were ours: from the end of the one before, its comma included
      const uint32_t from = static_cast<uint32_t>(begin - message.octets().data());
      edits.remove({from, header->value.end() - from});
    }
    return;
  }
}

}  // namespace Patchbay::Tm
