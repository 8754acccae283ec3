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

# The flags that make the sanitizers and the engine watch are in $CFLAGS.
cmake -S . -B "$WORK/build" -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath,\$ORIGIN/lib" \
    -DDUET_TESTS=OFF -DDUET_FUZZ=ON -DDUET_FUZZ_COMPILE= -DDUET_FUZZ_LINK="$LIB_FUZZING_ENGINE"
targets=()
for source in fuzz/fuzz_*.c; do
    targets+=("$(basename "$source" .c)")
done
cmake --build "$WORK/build" --target "${targets[@]}"

mkdir -p "$OUT/lib"
for target in "${targets[@]}"; do
    name=${target#fuzz_}
    cp "$WORK/build/fuzz/$target" "$OUT/"
    zip -q -j -r "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$name"
    [[ ! -e fuzz/$name.dict ]] || cp "fuzz/$name.dict" "$OUT/$target.dict"
    # All but what belongs to the C library and the loader itself.
    ldd "$OUT/$target" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' |
        grep -v '/lib\(c\|m\|dl\|rt\|pthread\|resolv\)\.so' |
        while read -r library; do cp -n "$library" "$OUT/lib/"; done || true
done
