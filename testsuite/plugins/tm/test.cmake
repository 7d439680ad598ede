target_sources(${TEST_TARGET} PRIVATE "${CMAKE_SOURCE_DIR}/testsuite/support/Allocations.cpp") # lets allocations fail
