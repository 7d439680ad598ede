#include <Poco/ClassLibrary.h>

#include "ParserPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Parser::ParserPlugin)
POCO_END_MANIFEST
