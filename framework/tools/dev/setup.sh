# shellcheck shell=bash
# ./dev setup: what must be on the machine. A need is the Debian package and how to see, without asking
# a package manager, that it is there; so setup is content with what came from elsewhere too.

needs_of_build() {
    cat <<'NEEDS'
ca-certificates         file /etc/ssl/certs/ca-certificates.crt
cmake                   program cmake
ninja-build             program ninja
gcc                     program cc
g++                     program c++
libc6-dev               header stdlib.h
pkg-config              program pkg-config
git                     program git
procps                  program ps
util-linux              program setpriv
python3                 program python3
tzdata                  file /usr/share/zoneinfo/America/New_York
postgresql              server
postgresql-client       program psql
libpq-dev               library libpq
protobuf-compiler       program protoc
protobuf-c-compiler     program protoc-gen-c
libprotobuf-c-dev       library libprotobuf-c
libprotobuf-dev         header google/protobuf/timestamp.proto
libprotoc-dev           header google/protobuf/compiler/plugin.proto
libjansson-dev          library jansson
libssl-dev              library libcrypto
libcmocka-dev           library cmocka
NEEDS
}

needs_of_tools() {
    cat <<'NEEDS'
clang-19                program clang-19
clang-format-19         program clang-format-19
clang-tidy-19           program clang-tidy-19
llvm-19                 program llvm-symbolizer-19
libclang-rt-19-dev      file /usr/lib/llvm-19/lib/clang/19/include/sanitizer
make                    program make
shellcheck              program shellcheck
debootstrap             program debootstrap
NEEDS
}

is_there() {
    case $1 in
    program) have "$2" || [ -x "/usr/sbin/$2" ] ;;
    library) have pkg-config && pkg-config --exists "$2" ;;
    header) [ -e "/usr/include/$2" ] || [ -e "/usr/local/include/$2" ] ;;
    file) [ -e "$2" ] ;;
    module) python3 -c "import $2" 2>/dev/null ;;
    server) find_postgresql_bin >/dev/null ;;
    esac
}

# Reads needs, prints the packages that are missing.
missing_packages() {
    local package kind name

    while read -r package kind name; do
        is_there "$kind" "$name" || printf '%s\n' "$package"
    done
}

install_packages() {
    local as_root=() started=$SECONDS

    have apt-get || fail "missing (names of Debian's packages): $*. There is no apt-get here: install them yourself"
    if [ "$(id -u)" != 0 ]; then
        have sudo || fail "missing: $*. Install them as root: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing $*"
    case " $* " in
    *" postgresql "*) keep_default_cluster_from_starting "${as_root[@]}" ;;
    esac
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@"
    say "installed in $((SECONDS - started)) s"
}

# Debian's package makes a cluster of its own and starts it, on a machine that wanted the programs only.
keep_default_cluster_from_starting() {
    local file=/etc/postgresql-common/createcluster.conf

    [ -e "$file" ] && return
    "$@" mkdir -p "$(dirname "$file")"
    printf '# Written by MISAS, whose tests start a server of their own.\ncreate_main_cluster = false\n' |
        "$@" tee "$file" >/dev/null
}

# ensure_needs: installs what is missing of the needs on standard input.
ensure_needs() {
    local needs missing

    needs=$(cat)
    mapfile -t missing < <(missing_packages <<<"$needs")
    [ ${#missing[@]} = 0 ] && return
    install_packages "${missing[@]}"
    mapfile -t missing < <(missing_packages <<<"$needs")
    [ ${#missing[@]} = 0 ] || fail "installed, and yet missing: ${missing[*]}"
}

ensure_build_needs() {
    needs_of_build | ensure_needs
}

ensure_tools() {
    { needs_of_build && needs_of_tools; } | ensure_needs
}

command_setup() {
    case ${1:-} in
    '') ensure_build_needs ;;
    --all) ensure_tools ;;
    *) fail "setup takes --all or nothing" ;;
    esac
    say "everything is there"
}
