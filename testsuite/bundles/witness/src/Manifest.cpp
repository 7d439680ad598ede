#include <Poco/ClassLibrary.h>

#include "WitnessPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Witness::WitnessPlugin)
POCO_END_MANIFEST
