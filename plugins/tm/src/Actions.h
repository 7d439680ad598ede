#pragma once

#include "Transactions.h"
#include "patchbay/pipeline/Declaration.h"

namespace Patchbay::Tm {

Pipeline::ActionDeclaration relayAction(Transactions& transactions);
Pipeline::ActionDeclaration newTransactionAction(Transactions& transactions);
Pipeline::ActionDeclaration replyAction(Transactions& transactions);

}  // namespace Patchbay::Tm
