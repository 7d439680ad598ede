#include <Poco/ClassLibrary.h>

#include "UsrlocPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Usrloc::UsrlocPlugin)
POCO_END_MANIFEST
