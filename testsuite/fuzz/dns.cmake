# The resolver's reader of answers: private code of the plug-in.
set(FUZZ_SOURCES "${CMAKE_SOURCE_DIR}/plugins/resolver/src/DnsAnswer.cpp" "${CMAKE_SOURCE_DIR}/plugins/resolver/src/DnsReader.cpp")
set(FUZZ_INCLUDES "${CMAKE_SOURCE_DIR}/plugins/resolver/src" "${CMAKE_SOURCE_DIR}/plugins/resolver/include"
                  "${CMAKE_SOURCE_DIR}/plugins/transport/include" "${CMAKE_SOURCE_DIR}/plugins/parser/include")
set(FUZZ_LIBRARIES patchbay-lib)
set(FUZZ_DICTIONARY dns)
