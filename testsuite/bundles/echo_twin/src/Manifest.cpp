#include <Poco/ClassLibrary.h>

#include "EchoTwinPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::EchoTwin::EchoTwinPlugin)
POCO_END_MANIFEST
