#include <Poco/ClassLibrary.h>

#include "ResolverPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Resolver::ResolverPlugin)
POCO_END_MANIFEST
