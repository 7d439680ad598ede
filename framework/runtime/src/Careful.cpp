#include "Careful.h"

#include <Poco/Exception.h>

#include <exception>
#include <string>

#include "patchbay/log/Logger.h"

namespace Patchbay::Runtime {

namespace {

void report(const char* what, const std::string& text) {
  static Log::Logger& logger = Log::Logger::get("runtime");
  logger.error("stray exception", {{"in", what}, {"text", text}});
}

}  // namespace

void reportStray(const char* what) {
  try {
    throw;
  } catch (const Poco::Exception& error) {
    report(what, error.displayText());
  } catch (const std::exception& error) {
    report(what, error.what());
  } catch (...) {
    report(what, "of unknown type");
  }
}

}  // namespace Patchbay::Runtime
