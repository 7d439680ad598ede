#include <Poco/ClassLibrary.h>

#include "UriPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Uris::UriPlugin)
POCO_END_MANIFEST
