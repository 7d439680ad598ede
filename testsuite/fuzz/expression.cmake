# The rule language with the vocabulary of its unit tests.
set(FUZZ_SOURCES "${CMAKE_SOURCE_DIR}/testsuite/framework/pipeline/Bench.cpp")
set(FUZZ_INCLUDES "${CMAKE_SOURCE_DIR}/testsuite/framework/pipeline")
set(FUZZ_LIBRARIES patchbay-lib PkgConfig::CPPUNIT)
set(FUZZ_DICTIONARY rules)
