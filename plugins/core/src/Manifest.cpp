#include <Poco/ClassLibrary.h>

#include "CorePlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Core::CorePlugin)
POCO_END_MANIFEST
