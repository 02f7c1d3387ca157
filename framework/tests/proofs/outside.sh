#!/usr/bin/env bash
# needs: postgresql
# needs: tools
# MISAS serves a program outside of this repository: installed into a prefix of its own, which is then
# moved, it is found by CMake and by pkg-config, generates code and appends to PostgreSQL; the static
# library and the shared one.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
template=$top/framework/tests/proofs/outside
scratch=${MISAS_PROOF_DIR:?is set by ./dev prove}
server=${MISAS_POSTGRESQL:?is set by ./dev prove}
expected="south 1: beans 40"
runs=0

# install_into NAME BUILD: the prefix is not where it was installed.
install_into() {
    cmake --install "$2" --prefix "$scratch/$1.first" >/dev/null
    mv "$scratch/$1.first" "$scratch/$1"
    if grep -rIlF "$top" "$scratch/$1" | grep .; then
        echo "these installed files name the source tree" >&2
        return 1
    fi
}

# in_new_database PROGRAM: runs it with an empty database and checks what it says.
in_new_database() {
    local name="outside_$$_$runs" said

    psql "$server" --quiet -c "create database $name"
    said=$(GARDEN_DATABASE=${server%/*}/$name "$1")
    psql "$server" --quiet -c "drop database $name"
    echo "$1 says: $said"
    [ "$said" = "$expected" ]
    runs=$((runs + 1))
}

with_cmake() {
    echo "== $1, CMake"
    cp -r "$template" "$scratch/$1.cmake"
    cmake -G Ninja -S "$scratch/$1.cmake" -B "$scratch/$1.cmake/build" \
        -DCMAKE_PREFIX_PATH="$scratch/$1" >/dev/null
    cmake --build "$scratch/$1.cmake/build"
    in_new_database "$scratch/$1.cmake/build/garden"
}

with_make() {
    echo "== $1, pkg-config and make"
    cp -r "$template" "$scratch/$1.make"
    PKG_CONFIG_PATH=$scratch/$1/lib/pkgconfig make -C "$scratch/$1.make"
    LD_LIBRARY_PATH=$scratch/$1/lib in_new_database "$scratch/$1.make/garden-by-make"
}

install_into static "$top/build/release"
with_cmake static
with_make static

cmake -G Ninja -S "$top" -B "$scratch/build-shared" -DBUILD_SHARED_LIBS=ON -DMISAS_BUILD_TESTS=OFF \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR=lib >/dev/null
cmake --build "$scratch/build-shared" | tail -n 1
install_into shared "$scratch/build-shared"
with_cmake shared
with_make shared

echo "figures: programs_run=$runs"
