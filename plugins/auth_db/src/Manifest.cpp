#include <Poco/ClassLibrary.h>

#include "AuthDbPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::AuthDb::AuthDbPlugin)
POCO_END_MANIFEST
