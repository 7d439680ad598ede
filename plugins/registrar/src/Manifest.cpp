#include <Poco/ClassLibrary.h>

#include "RegistrarPlugin.h"

POCO_BEGIN_MANIFEST(Patchbay::Bundle::Plugin)
POCO_EXPORT_CLASS(Patchbay::Registrar::RegistrarPlugin)
POCO_END_MANIFEST
