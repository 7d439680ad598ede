#include <Poco/ClassLibrary.h>

#include "EchoPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Echo::EchoPlugin)
POCO_END_MANIFEST
