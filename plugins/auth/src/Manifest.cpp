#include <Poco/ClassLibrary.h>

#include "AuthPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Auth::AuthPlugin)
POCO_END_MANIFEST
