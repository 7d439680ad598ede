#include <Poco/ClassLibrary.h>

#include "PausePlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Pause::PausePlugin)
POCO_END_MANIFEST
