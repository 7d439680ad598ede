#include "ParserPlugin.h"

namespace Patchbay::Parser {

using Pipeline::Type;

void ParserPlugin::describe(Bundle::Declaration& declaration) {
  constexpr int64_t KiB = 1024;
  declaration.settings = {
      {"max_message", Type::bytes, "A larger message is refused with 513. What follows Content-Length octets of body does not count.",
       false, "16KiB", KiB, 64 * KiB},
      {"max_headers", Type::bytes, "More octets of header lines are refused with 513.", false, "8KiB", KiB / 2, 32 * KiB},
      {"max_body", Type::bytes, "A larger body is refused with 413.", false, "8KiB", 0, 64 * KiB},
      {"max_header", Type::bytes, "A longer header, its folded lines included, is refused with 513.", false, "2KiB", 128, 32 * KiB},
      {"max_start_line", Type::bytes, "A longer request line is refused with 414.", false, "2KiB", 128, 32 * KiB},
      {"max_header_count", Type::integer, "More header lines are refused with 513.", false, "256", 16, 65536},
      {"max_vias", Type::integer, "More Via values are refused with 513.", false, "70", 1, 1000},
      {"max_method", Type::integer, "A longer method is refused with 400.", false, "64", 16, 1024},
  };
}

void ParserPlugin::configure(Bundle::Host& host) {
  const auto number = [&host](std::string_view name) { return static_cast<size_t>(host.settings().integer(name)); };
  _limits.message = number("max_message");
  _limits.headerSection = number("max_headers");
  _limits.body = number("max_body");
  _limits.headerLine = number("max_header");
  _limits.startLine = number("max_start_line");
  _limits.headers = number("max_header_count");
  _limits.vias = number("max_vias");
  _limits.method = number("max_method");
  refuseContradictions(host);
  host.services().provide<Limits>(_limits);
}

/// A part that may be larger than the whole is a mistake of who wrote it: his limit would never be reached.
void ParserPlugin::refuseContradictions(Bundle::Host& host) const {
  const auto within = [&host](std::string_view part, size_t size, std::string_view whole, size_t room) {
    if (size <= room || !host.settings().given(part)) return;
    host.problem(part, std::string(part) + " is " + std::to_string(size) + " octets, but " + std::string(whole) + " allows " +
                           std::to_string(room) + "; raise " + std::string(whole) + " too, or lower " + std::string(part));
  };
  within("max_headers", _limits.headerSection, "max_message", _limits.message);
  within("max_body", _limits.body, "max_message", _limits.message);
  within("max_start_line", _limits.startLine, "max_message", _limits.message);
  within("max_header", _limits.headerLine, "max_headers", _limits.headerSection);
}

}  // namespace Patchbay::Parser
