#include <Poco/ClassLibrary.h>

#include "PermissionsPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Permissions::PermissionsPlugin)
POCO_END_MANIFEST
