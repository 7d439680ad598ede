# The build id: what a plug-in and the framework must have in common to work together. A hash of all public
# headers, the compiler and the sanitizers, made anew at build time, rewritten only when it differs.
file(GLOB_RECURSE _api_headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/framework/*/include/*.h"
     "${CMAKE_SOURCE_DIR}/plugins/*/include/*.h")
list(SORT _api_headers)
string(REPLACE ";" "\n" _header_list "${_api_headers}")
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/api-headers.txt" CONTENT "${_header_list}\n" @ONLY)

set(_build_id "${CMAKE_BINARY_DIR}/generated/build-id")
set(_build_id_header "${CMAKE_BINARY_DIR}/generated/patchbay/bundle/BuildId.h")
add_custom_command(OUTPUT "${_build_id}" "${_build_id_header}"
  COMMAND "${CMAKE_COMMAND}" "-DROOT=${CMAKE_SOURCE_DIR}" "-DHEADERS=${CMAKE_BINARY_DIR}/generated/api-headers.txt"
          "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_SYSTEM_PROCESSOR}"
          "-DMODE=${PATCHBAY_SANITIZE} ${CMAKE_BUILD_TYPE}" "-DVERSION=${PROJECT_VERSION}" "-DID_FILE=${_build_id}"
          "-DID_HEADER=${_build_id_header}" -P "${CMAKE_SOURCE_DIR}/cmake/WriteBuildId.cmake"
  DEPENDS ${_api_headers} "${CMAKE_BINARY_DIR}/generated/api-headers.txt" "${CMAKE_SOURCE_DIR}/cmake/WriteBuildId.cmake"
  COMMENT "Build id" VERBATIM)
add_custom_target(build-id DEPENDS "${_build_id}" "${_build_id_header}")

# Only framework/bundle/src may include it: a changed id rebuilds nothing else.
get_target_property(_type room-bundle TYPE)
if(NOT _type STREQUAL INTERFACE_LIBRARY)
  target_include_directories(room-bundle PRIVATE "${CMAKE_BINARY_DIR}/generated")
  add_dependencies(room-bundle build-id)
endif()
