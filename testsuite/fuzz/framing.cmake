patchbay_closure(transport _closure)
set(FUZZ_LIBRARIES transport-code ${_closure} patchbay-lib)
set(FUZZ_SEEDS ${FUZZ_TORTURE})
