#include <Poco/ClassLibrary.h>

#include "OverloadPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Overload::OverloadPlugin)
POCO_END_MANIFEST
