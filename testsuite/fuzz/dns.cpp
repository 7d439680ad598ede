#include "DnsAnswer.h"
#include "DnsReader.h"
#include "Input.h"

using namespace Patchbay;
using Resolver::NameServer;

namespace {

bool isPlain(const std::string& name) {
  for (const char c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')) return false;
  return name.size() < Resolver::DnsReader::MostNameOctets;
}

void checkRecord(const NameServer::Record& record, NameServer::Type type) {
  const bool addresses = type == NameServer::Type::a || type == NameServer::Type::aaaa;
  Fuzz::require(record.address.valid() == addresses, "a record has an address when one was asked for");
  Fuzz::require(isPlain(record.target), "a target is a name of a host or service");
}

void check(const Resolver::DnsAnswer& read, NameServer::Type type) {
  const auto& answer = read.answer;
  using Resolver::Outcome;
  Fuzz::require(answer.outcome != Outcome::pending, "an answer is an answer");
  Fuzz::require((answer.outcome == Outcome::found) == !answer.records.empty(), "found is at least one record");
  Fuzz::require((answer.outcome == Outcome::failed) == (answer.failure != NameServer::Failure::none), "a failure has a kind");
  Fuzz::require(answer.records.size() <= Resolver::DnsAnswer::MostRecords, "records are bounded");
  Fuzz::require(!answer.ttl || (answer.ttl->count() >= 0 && answer.ttl->count() <= 0x7fffffff), "times are bounded");
  Fuzz::require(read.alias.empty() || (isPlain(read.alias) && answer.outcome == Outcome::notFound),
                "an alias is a name, and found is nothing");
  for (const auto& record : answer.records) checkRecord(record, type);
}

}  // namespace

/// A type and a name server's message; the question that it is held against is the one that it repeats.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr NameServer::Type Types[] = {NameServer::Type::a, NameServer::Type::aaaa, NameServer::Type::srv, NameServer::Type::naptr};
  const auto type = Types[data[0] % 4];
  const Fuzz::Input input(data + 1, size - 1);
  Resolver::DnsReader question(input.text(), std::min<size_t>(12, input.text().size()));
  const auto name = Resolver::textOf(question.name()).value_or("");
  const auto read = Resolver::DnsAnswer::read(input.text(), name.empty() ? "a.test" : name, type);
  check(read, type);
  const Fuzz::Input copy(input.text());
  const auto again = Resolver::DnsAnswer::read(copy.text(), name.empty() ? "a.test" : name, type);
  Fuzz::require(again.answer.records.size() == read.answer.records.size() && again.alias == read.alias, "the same octets say the same");
  return 0;
}
