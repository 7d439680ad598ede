#include <Poco/ClassLibrary.h>

#include "RrPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Rr::RrPlugin)
POCO_END_MANIFEST
