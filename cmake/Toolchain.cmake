# Compiler, warnings, hardening, sanitizers.
set(PATCHBAY_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")
option(PATCHBAY_COVERAGE "Instrument for gcov" OFF)
option(PATCHBAY_FUZZ "Instrument for libFuzzer (clang), make the targets of testsuite/fuzz" OFF)
set(PATCHBAY_BUNDLES "${CMAKE_BINARY_DIR}/bundles" CACHE PATH "Where the bundles are built")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON) # a new libpatchbay.so alone relinks nobody
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fno-plt")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

add_compile_options(-Wall -Wextra -fvisibility=hidden -fvisibility-inlines-hidden -fno-semantic-interposition
                    -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  add_compile_options(-Werror) # clang's other warnings must not stop a fuzz build
endif()
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,--enable-new-dtags -Wl,--as-needed)

if(PATCHBAY_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
  add_compile_options(-fsanitize=${PATCHBAY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PATCHBAY_SANITIZE})
  if(PATCHBAY_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
# A library must leave no symbol open; but clang's sanitizers are in the program, and open in every library.
set(PATCHBAY_NO_OPEN_SYMBOLS -Wl,-z,defs)
if(PATCHBAY_SANITIZE AND CMAKE_CXX_COMPILER_ID MATCHES Clang)
  set(PATCHBAY_NO_OPEN_SYMBOLS "")
endif()
if(PATCHBAY_FUZZ)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -gline-tables-only")
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(PATCHBAY_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
