# TLS: POCO's Context for what the operator says, OpenSSL itself for the octets
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl libcrypto)
find_library(POCO_NetSSL PocoNetSSL REQUIRED)
find_library(POCO_Crypto PocoCrypto REQUIRED)
target_link_libraries(${PLUGIN_TARGET} PUBLIC "${POCO_NetSSL}" "${POCO_Crypto}" PkgConfig::OPENSSL)
# WebSocket frames
find_library(WSLAY wslay REQUIRED)
target_link_libraries(${PLUGIN_TARGET} PUBLIC "${WSLAY}")
