add_dependencies(${TEST_TARGET} bundles)
