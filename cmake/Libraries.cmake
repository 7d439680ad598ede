# Libraries of the system that the framework itself needs. What only one plug-in needs stands in its plugin.cmake.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# TLS of the admin endpoint and of patchctl
pkg_check_modules(TLS REQUIRED IMPORTED_TARGET libssl libcrypto)
find_library(POCO_NETSSL PocoNetSSL REQUIRED)
find_library(POCO_CRYPTO PocoCrypto REQUIRED)
add_library(tls INTERFACE)
target_link_libraries(tls INTERFACE "${POCO_NETSSL}" "${POCO_CRYPTO}" PkgConfig::TLS)

add_library(poco INTERFACE)
foreach(part IN ITEMS Util Net XML JSON DataSQLite DataMySQL Data Foundation)
  find_library(POCO_${part} Poco${part} REQUIRED)
  target_link_libraries(poco INTERFACE "${POCO_${part}}")
endforeach()
find_library(MARIADB mariadb REQUIRED)
target_link_libraries(poco INTERFACE "${MARIADB}")
target_link_libraries(poco INTERFACE Threads::Threads)
