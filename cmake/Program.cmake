# build/bin/patchbay and build/bin/patchctl, and what `install` copies.
function(patchbay_program NAME)
  add_executable(${NAME} ${ARGN})
  target_link_libraries(${NAME} PRIVATE patchbay-lib)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin"
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../lib;$ORIGIN/../lib/patchbay")
  install(TARGETS ${NAME} RUNTIME DESTINATION bin)
endfunction()

# The server's memory comes from mimalloc (doc/decisions/041), which no symbol of ours asks for; sanitizers bring their own.
find_library(MIMALLOC mimalloc)
function(patchbay_allocator NAME)
  if(MIMALLOC AND NOT PATCHBAY_SANITIZE)
    target_link_options(${NAME} PRIVATE -Wl,--push-state,--no-as-needed "${MIMALLOC}" -Wl,--pop-state)
  endif()
endfunction()

if(EXISTS "${CMAKE_SOURCE_DIR}/framework/application/main.cpp")
  patchbay_program(patchbay "${CMAKE_SOURCE_DIR}/framework/application/main.cpp")
  patchbay_allocator(patchbay)
  # Which bundle gives which action, so that rules which name a missing bundle's action get a useful error.
  set(_index_files "")
  foreach(_name IN LISTS PATCHBAY_PLUGIN_NAMES)
    if(TARGET ${_name}-files)
      list(APPEND _index_files ${_name} "${BUNDLE_OUTPUT_${_name}}/bundle.xml")
    endif()
  endforeach()
  add_custom_command(OUTPUT "${PATCHBAY_BUNDLES}/actions.index"
    COMMAND "${CMAKE_COMMAND}" -E env ASAN_OPTIONS=detect_leaks=0 $<TARGET_FILE:patchbay> "--index=${PATCHBAY_BUNDLES}"
    DEPENDS patchbay ${_index_files} COMMENT "Index of actions" VERBATIM)
  add_custom_target(actions-index ALL DEPENDS "${PATCHBAY_BUNDLES}/actions.index")
endif()
file(GLOB _client CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/framework/admin/client/*.cpp")
if(_client)
  patchbay_program(patchctl ${_client})
endif()

install(TARGETS patchbay-lib LIBRARY DESTINATION lib/patchbay)
foreach(_name IN LISTS PATCHBAY_PLUGIN_NAMES)
  install(DIRECTORY "${BUNDLE_OUTPUT_${_name}}" DESTINATION lib/patchbay/bundles OPTIONAL)
endforeach()
install(FILES "${PATCHBAY_BUNDLES}/actions.index" DESTINATION lib/patchbay/bundles OPTIONAL)
if(EXISTS "${CMAKE_SOURCE_DIR}/conf")
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/conf/" DESTINATION etc/patchbay)
  # An installed configuration keeps its data where services do, not beside itself.
  install(CODE [[
    set(_conf "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/etc/patchbay/patchbay.xml")
    file(READ "${_conf}" _text)
    string(REPLACE "\${config}/../var/patchbay" "/var/lib/patchbay" _text "${_text}")
    file(WRITE "${_conf}" "${_text}")
  ]])
endif()
