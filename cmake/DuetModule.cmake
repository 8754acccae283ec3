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
# Intel's processors of 2015 to 2019 are slow at jumps that end on a 32-byte line, since a microcode
# update ("JCC erratum"): with this all code is laid out so that there are none. 10 % of sdp_parse.
if(CMAKE_BUILD_TYPE STREQUAL Release AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  include(CheckCCompilerFlag)
  foreach(flag -mbranches-within-32B-boundaries -Wa,-mbranches-within-32B-boundaries)
    string(MAKE_C_IDENTIFIER "DUET_HAS${flag}" has)
    check_c_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
      break()
    endif()
  endforeach()
endif()
# The released program is optimised as a whole: a tenth of sdp_parse and of a STUN check is calls from
# module to module. The libraries hold plain code too, for all who link them otherwise.
set(DUET_WHOLE_COMPILE)
set(DUET_WHOLE_LINK)
set(DUET_PLAIN_LINK)
if(CMAKE_BUILD_TYPE STREQUAL Release AND CMAKE_C_COMPILER_ID STREQUAL GNU)
  set(DUET_WHOLE_COMPILE -flto=auto -ffat-lto-objects)
  # Paths that can't be reached are warned of once all is in one piece.
  set(DUET_WHOLE_LINK -flto=auto -Wno-stringop-overflow)
  # But a test would be optimised so for half a minute, to run once.
  set(DUET_PLAIN_LINK -fno-lto)
endif()
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
  target_compile_options(duet_${name} PRIVATE ${DUET_WHOLE_COMPILE})
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
