target_link_libraries(${PLUGIN_TARGET} PUBLIC PkgConfig::RE2)
