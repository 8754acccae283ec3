#!/usr/bin/env bash
# install.sh CMAKE BUILD WORK CC: installs BUILD into WORK/moved, by way of another folder so that
# nothing may depend on where it was installed first; then builds consumer/ against it in both ways
# in which programs find libraries.
set -euo pipefail
cmake=$1 build=$2 work=$3 cc=$4
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work/first" "$work/moved" "$work/consumer"
"$cmake" --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
prefix=$work/moved

echo "== the program"
"$prefix/bin/duet" --version

echo "== no private header is installed"
if find "$prefix/include" -name internal.h | grep .; then exit 1; fi

echo "== every header stands alone"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name duet.pc)")
while read -r header; do
    printf '#include "%s"\n' "${header#"$prefix/include/duet/"}" |
        "$cc" -std=c11 -Wall -Werror $(pkg-config --cflags duet) -fsyntax-only -x c - ||
        { echo "$header does not"; exit 1; }
done < <(find "$prefix/include/duet" -name '*.h')

echo "== by pkg-config"
mkdir -p "$work/consumer"
"$cc" -std=c11 -o "$work/consumer/by-pkg-config" "$here/consumer/consumer.c" \
    $(pkg-config --cflags --libs duet)
"$work/consumer/by-pkg-config"

echo "== by CMake"
"$cmake" -S "$here/consumer" -B "$work/consumer/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" >/dev/null
"$cmake" --build "$work/consumer/cmake" >/dev/null
"$work/consumer/cmake/consumer"
