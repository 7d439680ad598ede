add_dependencies(${TEST_TARGET} patchbay patchctl bundles)
if(TARGET actions-index)
  add_dependencies(${TEST_TARGET} actions-index)
endif()
