#include <Poco/ClassLibrary.h>

#include "TransportPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Transport::TransportPlugin)
POCO_END_MANIFEST
