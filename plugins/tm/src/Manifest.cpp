#include <Poco/ClassLibrary.h>

#include "TmPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Tm::TmPlugin)
POCO_END_MANIFEST
