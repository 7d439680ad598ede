pkg_check_modules(OPENSSL_CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
target_link_libraries(${PLUGIN_TARGET} PUBLIC PkgConfig::OPENSSL_CRYPTO)
