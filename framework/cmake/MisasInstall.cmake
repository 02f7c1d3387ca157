# What `cmake --install` gives: library, headers, protoc-gen-misas, the framework's .proto files, and how
# CMake (find_package(misas)) and pkg-config find them. The prefix may be moved afterwards.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(MISAS_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/misas)
set(MISAS_INSTALL_SCHEMASDIR ${CMAKE_INSTALL_DATADIR}/misas/schemas)

# Until 1.0, a minor version may change the ABI.
set_target_properties(misas PROPERTIES VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

set(installed_targets misas)
if(TARGET protoc-gen-misas)
    list(APPEND installed_targets protoc-gen-misas)
endif()
install(TARGETS ${installed_targets} EXPORT misas-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT misas-targets NAMESPACE misas:: DESTINATION ${MISAS_INSTALL_CMAKEDIR})

install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/misas DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/schemas/ DESTINATION ${MISAS_INSTALL_SCHEMASDIR}
    FILES_MATCHING PATTERN "*.proto")
if(MISAS_GENERATED_DIR) # of the framework's own schemas
    install(DIRECTORY ${MISAS_GENERATED_DIR}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
endif()

configure_package_config_file(${CMAKE_CURRENT_SOURCE_DIR}/cmake/misas-config.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/misas-config.cmake
    INSTALL_DESTINATION ${MISAS_INSTALL_CMAKEDIR}
    PATH_VARS MISAS_INSTALL_SCHEMASDIR)
# Before 1.0, source compatibility is promised within a minor version only.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/misas-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/misas-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/misas-config-version.cmake
    ${CMAKE_CURRENT_SOURCE_DIR}/cmake/MisasSchemas.cmake
    DESTINATION ${MISAS_INSTALL_CMAKEDIR})

# A program that links the static library links what it uses as well. That is stated as required, not
# as private: `pkg-config --static` would ask for the static world of libpq, which few machines have.
get_target_property(library_type misas TYPE)
if(library_type STREQUAL STATIC_LIBRARY)
    set(MISAS_PC_REQUIRES "libprotobuf-c jansson libpq libcrypto >= 3.0")
    set(MISAS_PC_REQUIRES_PRIVATE "")
    set(MISAS_PC_LIBS "-L\${libdir} -lmisas -lm -pthread")
else()
    set(MISAS_PC_REQUIRES "libprotobuf-c")
    set(MISAS_PC_REQUIRES_PRIVATE "jansson libpq libcrypto >= 3.0")
    set(MISAS_PC_LIBS "-L\${libdir} -lmisas")
endif()
file(RELATIVE_PATH MISAS_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" MISAS_PC_PREFIX "${MISAS_PC_PREFIX}")
configure_file(cmake/misas.pc.in ${CMAKE_CURRENT_BINARY_DIR}/misas.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/misas.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
