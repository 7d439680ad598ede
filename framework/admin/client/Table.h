#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <Poco/Dynamic/Var.h>

namespace Patchbay::Client {

/// Prints an answer for people: a list of objects as a table, an object as lines `name  value`. `columns` come first, in this order.
/// Control characters of values are not sent to the terminal.
void print(std::ostream& out, const Poco::Dynamic::Var& json, const std::vector<std::string>& columns);

}  // namespace Patchbay::Client
