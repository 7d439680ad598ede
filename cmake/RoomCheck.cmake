# The room check: for every room and plug-in one test that tries, with its real include paths, a header of each
# other room and plug-in. What is declared must be found, everything else must be "No such file".

# The first public header below FOLDER, as it is included.
function(patchbay_a_header FOLDER RESULT)
  file(GLOB_RECURSE headers RELATIVE "${FOLDER}/include" CONFIGURE_DEPENDS "${FOLDER}/include/*.h")
  if(headers)
    list(GET headers 0 headers)
  endif()
  set(${RESULT} "${headers}" PARENT_SCOPE)
endfunction()

# patchbay_room_check(NAME TARGET INCLUDES ALLOWED): ALLOWED are the names of rooms and plug-ins, its own among them.
function(patchbay_room_check NAME TARGET INCLUDES ALLOWED)
  get_target_property(type ${TARGET} TYPE)
  if(type STREQUAL INTERFACE_LIBRARY AND NOT INCLUDES)
    return() # a plug-in without sources yet
  elseif(NOT type STREQUAL INTERFACE_LIBRARY)
    set(INCLUDES "$<TARGET_PROPERTY:${TARGET},INCLUDE_DIRECTORIES>")
  endif()
  set(allowed "")
  set(forbidden "")
  foreach(other IN LISTS PATCHBAY_ROOMS PATCHBAY_BUNDLE_NAMES)
    if(other IN_LIST ALLOWED)
      list(APPEND allowed ${A_HEADER_${other}})
    else()
      list(APPEND forbidden ${A_HEADER_${other}})
    endif()
  endforeach()
  if(NOT NAME STREQUAL "bundle")
    list(APPEND forbidden "patchbay/bundle/BuildId.h")
  endif()
  add_test(NAME includes-${NAME} COMMAND "${CMAKE_COMMAND}" "-DNAME=${NAME}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DINCLUDES=${INCLUDES}"
    "-DALLOWED=${allowed}" "-DFORBIDDEN=${forbidden}" -P "${CMAKE_SOURCE_DIR}/testsuite/rooms/CheckIncludes.cmake")
endfunction()

foreach(_name IN LISTS PATCHBAY_ROOMS)
  patchbay_a_header("${CMAKE_SOURCE_DIR}/framework/${_name}" A_HEADER_${_name})
endforeach()
foreach(_name IN LISTS PATCHBAY_BUNDLE_NAMES)
  patchbay_a_header("${BUNDLE_FOLDER_${_name}}" A_HEADER_${_name})
endforeach()
foreach(_name IN LISTS PATCHBAY_ROOMS)
  patchbay_room_check(${_name} room-${_name} "${ROOM_INCLUDES_${_name}}" "${_name};${ROOM_CLOSURE_${_name}}")
endforeach()
foreach(_name IN LISTS PATCHBAY_BUNDLE_NAMES)
  patchbay_closure(${_name} _closure)
  patchbay_room_check(${_name} ${_name}-code "" "${_name};${PATCHBAY_ROOMS};${_closure}")
endforeach()
