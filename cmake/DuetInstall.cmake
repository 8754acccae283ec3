# What `cmake --install` puts in place: each module's library, its headers (as include/duet/MODULE/,
# since includes are written from the root of the tree), a CMake package and a pkg-config file.
# Included after all modules. The program installs itself (apps/CMakeLists.txt).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(modules GLOBAL PROPERTY DUET_MODULES)
set(duet_libraries "")     # -l options, whoever uses a library before it
set(duet_dependencies "")  # pkg-config names
foreach(module ${modules})
  install(TARGETS duet_${module} EXPORT duetTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  if(DUET_WHOLE_COMPILE)
    # What the program was optimised from is of no use to other versions of the compiler.
    install(CODE "
      get_filename_component(folder \"${CMAKE_INSTALL_LIBDIR}\" ABSOLUTE BASE_DIR \"\${CMAKE_INSTALL_PREFIX}\")
      execute_process(COMMAND \"${CMAKE_OBJCOPY}\" -R .gnu.lto_* -R .gnu.debuglto_* -N __gnu_lto_v1
                      \"\$ENV{DESTDIR}\${folder}/libduet_${module}.a\" COMMAND_ERROR_IS_FATAL ANY)")
  endif()
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${module}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/duet
          FILES_MATCHING PATTERN "*.h" PATTERN "internal.h" EXCLUDE)
  list(PREPEND duet_libraries -lduet_${module})
  get_target_property(uses duet_${module} INTERFACE_LINK_LIBRARIES)
  foreach(library ${uses})
    if(library MATCHES "^PkgConfig::(.+)$")
      list(APPEND duet_dependencies ${CMAKE_MATCH_1})
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES duet_dependencies)
list(JOIN duet_libraries " " duet_libraries)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/duet)
install(EXPORT duetTargets NAMESPACE duet:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/duetConfig.cmake.in
  ${CMAKE_BINARY_DIR}/duetConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/duetConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/duetConfig.cmake ${CMAKE_BINARY_DIR}/duetConfigVersion.cmake
        DESTINATION ${package_dir})

# The file finds its prefix from where it lies, so that an installed tree can be moved.
file(RELATIVE_PATH duet_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
list(JOIN duet_dependencies " " duet_requires)
configure_file(${CMAKE_CURRENT_LIST_DIR}/duet.pc.in ${CMAKE_BINARY_DIR}/duet.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/duet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
