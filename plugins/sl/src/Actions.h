#pragma once

#include "SlPlugin.h"

namespace Patchbay::Sl {

Pipeline::ActionDeclaration sendReplyAction(SlPlugin& plugin);
Pipeline::ActionDeclaration replyErrorAction(SlPlugin& plugin);
Pipeline::ActionDeclaration forwardAction(SlPlugin& plugin);

}  // namespace Patchbay::Sl
