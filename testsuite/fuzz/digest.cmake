# The digest parser and the nonce reader: code of the plug-in auth.
set(FUZZ_SOURCES "${CMAKE_SOURCE_DIR}/plugins/auth/src/Credentials.cpp" "${CMAKE_SOURCE_DIR}/plugins/auth/src/ParameterReader.cpp"
                 "${CMAKE_SOURCE_DIR}/plugins/auth/src/Digest.cpp" "${CMAKE_SOURCE_DIR}/plugins/auth/src/Nonces.cpp")
set(FUZZ_INCLUDES "${CMAKE_SOURCE_DIR}/plugins/auth/src")
pkg_check_modules(FUZZ_CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
set(FUZZ_LIBRARIES parser patchbay-lib PkgConfig::FUZZ_CRYPTO)
set(FUZZ_DICTIONARY digest)
