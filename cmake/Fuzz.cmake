# testsuite/fuzz/<name>.cpp holds one LLVMFuzzerTestOneInput; its corpus is testsuite/fuzz/corpus/<name>/.
# With PATCHBAY_FUZZ (preset `fuzz`, clang): fuzz-<name>, with libFuzzer. Else: replay-<name>, a CTest test `fuzz-<name>`
# that runs the corpus once. An optional testsuite/fuzz/<name>.cmake may set FUZZ_LIBRARIES (in place of `parser`: `world` is all
# bundles and the virtual world, `<plug-in>-code` the private parts of one), FUZZ_SOURCES, FUZZ_INCLUDES, FUZZ_DICTIONARY
# (support/<it>.dict), and FUZZ_SEEDS: folders of inputs besides
# the corpus, such as ${FUZZ_TORTURE}.
set(_fuzz "${CMAKE_SOURCE_DIR}/testsuite/fuzz")
file(GLOB _targets CONFIGURE_DEPENDS "${_fuzz}/*.cpp")
if(NOT TARGET world)
  return()
endif()

set(_suite "${CMAKE_SOURCE_DIR}/testsuite")
set(FUZZ_TORTURE "${_suite}/torture/rfc4475" "${_suite}/torture/rfc4475-derived" "${_suite}/torture/rfc5118-wire")
add_custom_target(fuzz)
if(PATCHBAY_FUZZ) # coverage is what the server does, not what watches it
  target_compile_options(world PRIVATE -fno-sanitize=fuzzer-no-link)
endif()
file(WRITE "${CMAKE_BINARY_DIR}/generated/fuzz-targets.new" "")

foreach(_source IN LISTS _targets)
  get_filename_component(_name "${_source}" NAME_WE)
  set(FUZZ_LIBRARIES parser patchbay-lib)
  set(FUZZ_SEEDS "")
  set(FUZZ_SOURCES "")
  set(FUZZ_INCLUDES "")
  set(FUZZ_DICTIONARY sip)
  include("${_fuzz}/${_name}.cmake" OPTIONAL)
  if(PATCHBAY_FUZZ)
    set(_program fuzz-${_name})
    add_executable(${_program} EXCLUDE_FROM_ALL "${_source}" ${FUZZ_SOURCES})
    target_link_options(${_program} PRIVATE -fsanitize=fuzzer)
    foreach(_file IN LISTS _source FUZZ_SOURCES) # a plug-in's own files are what coverage is of
      if(_file MATCHES "^${_suite}/")
        set_source_files_properties("${_file}" PROPERTIES COMPILE_OPTIONS -fno-sanitize=fuzzer-no-link)
      endif()
    endforeach()
    add_dependencies(fuzz ${_program})
    file(APPEND "${CMAKE_BINARY_DIR}/generated/fuzz-targets.new" "${_name};${FUZZ_DICTIONARY};${FUZZ_SEEDS}\n")
  else()
    set(_program replay-${_name})
    add_executable(${_program} EXCLUDE_FROM_ALL "${_source}" ${FUZZ_SOURCES} "${_fuzz}/support/Replay.cpp")
    add_dependencies(tests ${_program})
    add_test(NAME fuzz-${_name} COMMAND ${_program} "${_fuzz}/corpus/${_name}" ${FUZZ_SEEDS} WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
    set_tests_properties(fuzz-${_name} PROPERTIES TIMEOUT 300)
  endif()
  target_include_directories(${_program} PRIVATE "${_fuzz}/support" ${FUZZ_INCLUDES} ${_all_includes})
  target_link_libraries(${_program} PRIVATE ${FUZZ_LIBRARIES} test-paths)
  set_target_properties(${_program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  if("world" IN_LIST FUZZ_LIBRARIES)
    add_dependencies(${_program} bundles testbundles)
  endif()
endforeach()
file(COPY_FILE "${CMAKE_BINARY_DIR}/generated/fuzz-targets.new" "${CMAKE_BINARY_DIR}/generated/fuzz-targets.txt" ONLY_IF_DIFFERENT)
