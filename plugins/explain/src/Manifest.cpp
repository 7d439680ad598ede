#include <Poco/ClassLibrary.h>

#include "ExplainPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Explain::ExplainPlugin)
POCO_END_MANIFEST
