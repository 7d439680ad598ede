add_dependencies(${TEST_TARGET} patchbay patchctl)
