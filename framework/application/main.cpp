#include "patchbay/application/PatchbayApplication.h"

int main(int argc, char** argv) {
  Poco::AutoPtr<Patchbay::Application::PatchbayApplication> application = new Patchbay::Application::PatchbayApplication;
  return application->start(argc, argv);
}
