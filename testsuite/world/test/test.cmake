add_dependencies(${TEST_TARGET} bundles testbundles)
target_include_directories(${TEST_TARGET} PRIVATE "${CMAKE_SOURCE_DIR}/testsuite/bundles/witness/include"
  "${CMAKE_SOURCE_DIR}/framework/application/src")
