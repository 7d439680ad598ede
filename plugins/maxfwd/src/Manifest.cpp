#include <Poco/ClassLibrary.h>

#include "MaxfwdPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Maxfwd::MaxfwdPlugin)
POCO_END_MANIFEST
