#include <Poco/ClassLibrary.h>

#include "GroupPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Group::GroupPlugin)
POCO_END_MANIFEST
