#include <Poco/ClassLibrary.h>

#include "GuardPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Guard::GuardPlugin)
POCO_END_MANIFEST
