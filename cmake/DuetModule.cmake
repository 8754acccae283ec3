# duet_module(NAME USES module... LIBRARIES pkg-config-name...)
#
# One folder is one library, duet_NAME, made of every .c file in it. It sees the headers of the
# whole tree (includes are written from the root) but links only what it names.

find_package(PkgConfig REQUIRED)

add_library(duet_options INTERFACE)
add_library(duet::options ALIAS duet_options)
target_compile_options(duet_options INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wcast-qual -Wwrite-strings -Wvla -Wundef -fno-common)
if(DUET_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(DUET_COVERAGE)
  # What we promise ourselves is no branch that an input could take: without assert().
  add_compile_definitions(NDEBUG)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
if(DUET_FUZZ)
  add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION=1)
  if(DUET_FUZZ_UNPROTECTED)
    add_compile_definitions(DUET_FUZZ_UNPROTECTED=1)
  endif()
  add_compile_options(${DUET_FUZZ_COMPILE})
elseif(DUET_FUZZ_UNPROTECTED)
  message(FATAL_ERROR "DUET_FUZZ_UNPROTECTED switches authentication off: with DUET_FUZZ alone")
endif()

function(duet_module name)
  cmake_parse_arguments(arg "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  list(FILTER headers EXCLUDE REGEX "/internal\\.h$")
  add_library(duet_${name} STATIC ${sources})
  if(DUET_COVERAGE)
    # Profiles name a static function after its file without its folder: stun/message.c and
    # signaling/message.c would share counts. So the file is named with its folder.
    foreach(source ${sources})
      get_filename_component(file ${source} NAME)
      set_source_files_properties(${source} PROPERTIES
        COMPILE_FLAGS "-Xclang -main-file-name -Xclang ${name}/${file}")
    endforeach()
  endif()
  add_library(duet::${name} ALIAS duet_${name})
  set_target_properties(duet_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_include_directories(duet_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                                                 $<INSTALL_INTERFACE:include/duet>)
  target_link_libraries(duet_${name} PRIVATE $<BUILD_INTERFACE:duet_options>)
  foreach(other ${arg_USES})
    target_link_libraries(duet_${name} PUBLIC duet_${other})
  endforeach()
  foreach(library ${arg_LIBRARIES})
    pkg_check_modules(${library} REQUIRED IMPORTED_TARGET GLOBAL ${library})
    target_link_libraries(duet_${name} PUBLIC PkgConfig::${library})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY DUET_MODULES ${name})
endfunction()
