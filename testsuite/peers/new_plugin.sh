#!/bin/bash
# What `make new-plugin` makes, in a small tree of its own with this build's framework: it builds without an edit, its
# test passes, the program loads it and runs its action in a rule, and the reference has its page.
set -u
passed=0 failed=0
check() { # check NAME COMMAND...
  if "${@:2}" >log 2>&1; then
    passed=$((passed + 1))
    echo "passed: $1"
  else
    failed=$((failed + 1))
    echo "FAILED: $1"
    tail -n 40 log
  fi
}
cached() { sed -n "s/^$1:[A-Z]*=//p" "$PATCHBAY_BUILD/CMakeCache.txt"; }
files() { find tree -type f | sort; }

mkdir -p tree/scripts tree/testsuite run/bin run/bundles
cp "$PATCHBAY_SOURCE/scripts/new-plugin" tree/scripts/
ln -s "$PATCHBAY_SOURCE/cmake" tree/cmake
ln -s "$PATCHBAY_SOURCE/testsuite/runner" "$PATCHBAY_SOURCE/testsuite/support" tree/testsuite/
cat >tree/CMakeLists.txt <<END_OF_CMAKE
cmake_minimum_required(VERSION 3.25)
project(patchbay LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH "\${CMAKE_SOURCE_DIR}/cmake")
include(Toolchain)
include(Libraries)
add_library(patchbay-lib SHARED IMPORTED)
file(GLOB includes "$PATCHBAY_SOURCE/framework/*/include")
set_target_properties(patchbay-lib PROPERTIES IMPORTED_LOCATION "$PATCHBAY_BUILD/lib/libpatchbay.so"
  INTERFACE_INCLUDE_DIRECTORIES "\${includes}" INTERFACE_LINK_LIBRARIES poco)
file(COPY "$PATCHBAY_BUILD/generated/build-id" DESTINATION "\${CMAKE_BINARY_DIR}/generated")
add_custom_target(build-id)
include(Plugins)
include(Tests)
END_OF_CMAKE
files >before
check "it is made" tree/scripts/new-plugin hello
check "no file outside its two folders" diff before <(files | grep -v -e ^tree/plugins/hello/ -e ^tree/testsuite/plugins/hello/)
check "it is configured" cmake -G Ninja -S tree -B build "-DCMAKE_BUILD_TYPE=$(cached CMAKE_BUILD_TYPE)" \
  "-DPATCHBAY_SANITIZE=$(cached PATCHBAY_SANITIZE)" "-DCMAKE_CXX_COMPILER=$(cached CMAKE_CXX_COMPILER)"
check "it builds" ninja -C build bundles tests
check "its test passes" build/tests/test-hello

# The program beside its bundles, and the new one among them.
cp "$PATCHBAY_BUILD/bin/patchbay" run/bin/
ln -s "$PATCHBAY_BUILD/lib" run/lib
ln -s "$PATCHBAY_BUNDLES"/*.bundle "$PWD/build/bundles/hello.bundle" run/bundles/
cat >rules.xml <<'END_OF_RULES'
<patchbay xmlns="urn:patchbay:configuration">
  <data url="sqlite::memory:"/>
  <transport listen="udp:127.0.0.1:0"/>
  <routing>
    <pipeline name="request" on="request"><hello name="${from.host}"/><sl_send_reply code="200"/></pipeline>
  </routing>
</patchbay>
END_OF_RULES
check "the program loads it, and a rule may name it" run/bin/patchbay --config=rules.xml --check
check "the reference is written" run/bin/patchbay --describe=reference
check "it has its page" grep -q '^### hello(\[name\])$' reference/hello.md
check "the index names it" grep -q '^| \[hello\](hello.md) |' reference/README.md
echo "$passed passed, $failed failed"
[ $failed = 0 ]
