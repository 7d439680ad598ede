#include <Poco/ClassLibrary.h>

#include "DomainPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Domain::DomainPlugin)
POCO_END_MANIFEST
