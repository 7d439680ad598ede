# The parser's own sources once more, with a count of the basic blocks that run.
file(GLOB _counted CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/plugins/parser/src/*.cpp")
list(FILTER _counted EXCLUDE REGEX "/(Manifest|ParserPlugin)\\.cpp$")
add_library(parser-counted OBJECT EXCLUDE_FROM_ALL ${_counted})
target_include_directories(parser-counted PUBLIC "${CMAKE_SOURCE_DIR}/plugins/parser/include")
target_link_libraries(parser-counted PUBLIC patchbay-lib)
target_compile_options(parser-counted PRIVATE -fsanitize-coverage=trace-pc)
target_link_libraries(${TEST_TARGET} PRIVATE parser-counted)
target_link_options(${TEST_TARGET} PRIVATE -Wl,--wrap=memchr,--wrap=memcmp,--wrap=memcpy,--wrap=memmove)
