# shellcheck shell=bash disable=SC2154 # state, top: set by dev
# What all pieces of ./dev use.

say() {
    printf '%s\n' "$*"
}

warn() {
    printf 'dev: %s\n' "$*" >&2
}

fail() {
    warn "$@"
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# The folder of what ./dev keeps. The server's user must be able to pass through it.
make_state_dir() {
    [ -d "$state" ] || mkdir -m 755 "$state"
    export MISAS_STATE_DIR=$state
}

# write_private FILE TEXT: only its owner can read it, at every moment.
write_private() {
    (
        umask 077
        printf '%s\n' "$2" >"$1.new"
    )
    mv -f "$1.new" "$1"
}
