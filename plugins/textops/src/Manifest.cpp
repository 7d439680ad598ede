#include <Poco/ClassLibrary.h>

#include "TextopsPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Textops::TextopsPlugin)
POCO_END_MANIFEST
