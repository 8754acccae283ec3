# cmake -DOUT=file.c -DFOLDER=web -DFILES=index.html,main.js -P embed.cmake
# cmake -DOUT=file.c -DFILE=offer.sdp -DNAME=bench_offer -DHEADER=apps/bench.h -P embed.cmake
#
# Writes a C file with the bytes of the web page, so that the server serves only what was built in
# and needs no file system: the table web_files of apps/web.h. The second form: one file as
# `const struct bytes NAME`, as HEADER declares it.

function(read_as_c path out)
  file(READ ${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REPEAT "." 80 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  set(${out} "${bytes}" PARENT_SCOPE)
endfunction()

if(FILE)
  read_as_c(${FILE} bytes)
  file(WRITE ${OUT} "/* Made from ${FILE} by cmake/embed.cmake. */\n#include \"${HEADER}\"\n\nstatic const uint8_t file[] = {\n${bytes}\n};\n\nconst struct bytes ${NAME} = {file, sizeof file};\n")
  return()
endif()

string(REPLACE "," ";" FILES "${FILES}")
set(arrays "")
set(rows "")
foreach(name ${FILES})
  string(MAKE_C_IDENTIFIER "file_${name}" id)
  read_as_c(${FOLDER}/${name} bytes)
  string(APPEND arrays "static const uint8_t ${id}[] = {\n${bytes}\n};\n\n")
  if(name MATCHES "\\.html$")
    set(type "text/html; charset=utf-8")
  elseif(name MATCHES "\\.css$")
    set(type "text/css; charset=utf-8")
  elseif(name MATCHES "\\.js$")
    set(type "text/javascript; charset=utf-8")
  elseif(name MATCHES "\\.svg$")
    set(type "image/svg+xml")
  else()
    message(FATAL_ERROR "${name}: what media type is this?")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND rows "    {\"${path}\", \"${type}\", {${id}, sizeof ${id}}},\n")
endforeach()
file(WRITE ${OUT} "/* Made from ${FILES} by cmake/embed.cmake. */\n#include \"apps/web.h\"\n\n${arrays}const struct sig_file web_files[] = {\n${rows}};\n\nconst size_t web_file_count = COUNT(web_files);\n")
