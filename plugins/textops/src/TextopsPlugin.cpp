#include "TextopsPlugin.h"

namespace Patchbay::Textops {

void TextopsPlugin::describe(Bundle::Declaration& declaration) {
  declareHeaderActions(declaration);
  declareTextActions(declaration);
}

}  // namespace Patchbay::Textops
