# The whole server on the virtual world.
file(GLOB FUZZ_SOURCES CONFIGURE_DEPENDS "${_fuzz}/machine/*.cpp")
set(FUZZ_INCLUDES "${_fuzz}/machine")
set(FUZZ_LIBRARIES world)
