#!/bin/bash -eu
# Builds every fuzz target with the compiler, flags and engine that ClusterFuzzLite or OSS-Fuzz set,
# and puts into $OUT what they look for there: NAME, NAME_seed_corpus.zip, NAME.dict, and the
# libraries that the machine which runs them has not.
#
# To try it by itself:
#     SRC=. WORK=$(mktemp -d) OUT=$(mktemp -d) CC=clang LIB_FUZZING_ENGINE=-fsanitize=fuzzer \
#         CFLAGS='-O1 -g -fsanitize=address,fuzzer-no-link' .clusterfuzzlite/build.sh

cd "$(dirname "$(realpath "$0")")/.."
[[ -e CMakeLists.txt ]] || cd "$SRC/duet"

# The flags that make the sanitizers and the engine watch are in $CFLAGS. The old kind of rpath also
# leads to what the libraries themselves need.
# shellcheck disable=SC2016 # $ORIGIN is the loader's
cmake -S . -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_BUILD_RPATH='$ORIGIN/lib' -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags \
    -DDUET_TESTS=OFF -DDUET_FUZZ=ON -DDUET_FUZZ_COMPILE= -DDUET_FUZZ_LINK="$LIB_FUZZING_ENGINE"
targets=()
for source in fuzz/fuzz_*.c; do
    targets+=("$(basename "$source" .c)")
done
cmake --build "$WORK/build" --target "${targets[@]}"

# The C library and the loader itself are everywhere.
libraries() { # libraries PROGRAM: where each of the others is
    ldd "$1" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | grep -v '/lib\(c\|m\|dl\|rt\|pthread\|resolv\)\.so'
}
copy_libraries() {
    libraries "$1" | while read -r library; do cp -n "$library" "$OUT/lib/"; done || true
}

mkdir -p "$OUT/lib"
for target in "${targets[@]}"; do
    name=${target#fuzz_}
    cp "$WORK/build/fuzz/$target" "$OUT/"
    zip -q -j -r "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$name"
    [[ ! -e fuzz/$name.dict ]] || cp "fuzz/$name.dict" "$OUT/$target.dict"
    copy_libraries "$OUT/$target"
done
# NSS, where that is what libsrtp is built with, loads the rest of itself by name, from beside it.
nss=$(libraries "$WORK/build/fuzz/fuzz_peer_behind" | grep '/libnss3\.so' || true)
if [[ -n $nss ]]; then
    beside=$(dirname "$(realpath "$nss")")
    find "$beside" "$beside/nss" -maxdepth 1 \( -name 'libsoftokn3.*' -o -name 'libfreebl*' \) \
        -exec cp -n {} "$OUT/lib/" \; 2>/dev/null || true
    copy_libraries "$OUT/lib/libsoftokn3.so"
fi
for target in "${targets[@]}"; do
    elsewhere=$(libraries "$OUT/$target" | grep -v "^$(realpath "$OUT")/lib/") || continue
    echo "build.sh: on another machine $target would not find $elsewhere" >&2
    exit 1
done
