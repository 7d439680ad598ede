#include <Poco/ClassLibrary.h>

#include "SlPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Sl::SlPlugin)
POCO_END_MANIFEST
