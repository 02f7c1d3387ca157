# shellcheck shell=bash disable=SC2154 # state, top: set by dev
# ./dev up, down, status, psql: a PostgreSQL server of this checkout's own, all of it in .state/.
#
#   postgresql/data, postgresql/log    owned by the user that the server runs as
#   postgresql.port, .password, .url   ours; the last two readable by nobody else
#   postgresql.keep                    there after ./dev up: nobody but ./dev down stops the server
#   postgresql.lock                    held while the server is started or stopped
#   postgresql.users                   held, shared, by each command that uses the server
#
# With MISAS_POSTGRESQL in the environment that database is used and none is started.

data=$state/postgresql/data
log=$state/postgresql/log
run_as=()

# The folder with initdb and postgres in it; they are not on Debian's PATH.
find_postgresql_bin() {
    local folder

    for folder in "$(pg_config --bindir 2>/dev/null || true)" \
        $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) \
        "$(dirname "$(command -v initdb || true)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    return 1
}

# PostgreSQL refuses to run as root; then it runs as the data's owner, else as user postgres.
# Where that user can't pass through the folders above the checkout (as in /root), it gets the one
# capability to do so.
find_run_as() {
    local user=postgres prefix way

    bin=$(find_postgresql_bin) || fail "there is no PostgreSQL server on this machine; try ./dev setup"
    if [ "$(id -u)" != 0 ]; then
        [ ! -e "$data" ] || [ -O "$data" ] || fail "$data belongs to another user; use that one"
        return
    fi
    [ ! -e "$data" ] || user=$(stat -c %U "$data")
    id "$user" >/dev/null 2>&1 || fail "there is no user $user to run PostgreSQL as"
    install -d -m 700 -o "$user" "$state/postgresql"
    prefix="env --chdir=/ setpriv --reuid=$user --regid=$(id -gn "$user") --init-groups"
    for way in "" " --inh-caps=+dac_override --ambient-caps=+dac_override"; do
        read -ra run_as <<<"$prefix$way"
        # Not test -w: access(2) takes no account of that capability.
        "${run_as[@]}" touch "$state/postgresql" 2>/dev/null && return
    done
    fail "user $user can't reach $state, and can't be given the capability to (dac_override)"
}

prepare_cluster() {
    make_state_dir
    find_run_as
}

server_pid() {
    local pid

    read -r pid 2>/dev/null <"$data/postmaster.pid" || return 1
    # The number alone could be another process's by now: a server's working directory is its data.
    [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$data" ] && printf '%s\n' "$pid"
}

port_is_taken() {
    (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port

    while port=$((20000 + RANDOM % 10000)) && port_is_taken "$port"; do :; done
    printf '%s\n' "$port"
}

# write_for_server FILE [tee's options]: standard input into a file that only the server's user can read.
write_for_server() {
    (
        umask 077
        "${run_as[@]}" tee "${@:2}" "$1" >/dev/null
    )
}

create_cluster() {
    local password password_file=$state/postgresql/password fresh=$state/postgresql/data.new

    install -d -m 700 "$state/postgresql"
    "${run_as[@]}" rm -rf "$fresh"
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    write_private "$state/postgresql.password" "$password"
    write_for_server "$password_file" <"$state/postgresql.password"
    "${run_as[@]}" "$bin/initdb" --pgdata="$fresh" --username=misas --pwfile="$password_file" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    "${run_as[@]}" rm -f "$password_file"
    echo "include 'misas.conf'" | write_for_server "$fresh/postgresql.conf" --append
    # Last, so that what an interrupted attempt leaves is never taken for a cluster.
    "${run_as[@]}" mv -f "$fresh" "$data"
}

write_settings() {
    write_for_server "$data/misas.conf" <<SETTINGS
# Written by ./dev at each start.
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
max_connections = 200
shared_buffers = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
SETTINGS
    printf '%s\n' "$1" >"$state/postgresql.port"
    write_private "$state/postgresql.url" \
        "postgresql://misas:$(<"$state/postgresql.password")@127.0.0.1:$1/postgres"
}

start_server() {
    local port pid attempt

    # The number of a server that was killed may have become another process's; PostgreSQL would then
    # refuse to start.
    if read -r pid 2>/dev/null <"$data/postmaster.pid" && [ -e "/proc/$pid" ]; then
        "${run_as[@]}" rm -f "$data/postmaster.pid"
    fi
    port=$(cat "$state/postgresql.port" 2>/dev/null || free_port)
    for attempt in 1 2 3 4 5; do
        if port_is_taken "$port"; then port=$(free_port); fi
        write_settings "$port"
        "${run_as[@]}" "$bin/pg_ctl" --pgdata="$data" --log="$log" --wait --timeout=300 --silent start \
            </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- && return
        # The children of a killed server are still ending, or something has bound the port silently.
        sleep "$attempt"
        if [ "$attempt" -ge 3 ]; then port=$(free_port); fi
    done
    tail -n 20 "$log" >&2 || true
    fail "PostgreSQL does not start; its log is $log"
}

# Everything that starts or stops goes through here, one at a time.
with_cluster_lock() {
    (
        flock -w 120 9 || fail "another ./dev has been starting or stopping the server for two minutes"
        "$@"
    ) 9>"$state/postgresql.lock"
}

bring_up() {
    local found

    if server_pid >/dev/null; then return; fi
    if [ -e "$data/PG_VERSION" ]; then
        found=$("$bin/postgres" --version | grep -oE '[0-9]+' | head -1)
        [ "$(<"$data/PG_VERSION")" = "$found" ] || fail "$data is of PostgreSQL $(<"$data/PG_VERSION")," \
            "the programs here are of $found: remove $state/postgresql to begin anew"
    fi
    [ -d "$data" ] || create_cluster
    start_server
}

bring_up_to_stay() {
    bring_up
    : >"$state/postgresql.keep"
}

bring_down() {
    rm -f "$state/postgresql.keep"
    server_pid >/dev/null || return 0
    "${run_as[@]}" "$bin/pg_ctl" --pgdata="$data" --mode=fast --wait --timeout=60 --silent stop
}

# For programs that tests and proofs run.
export_cluster() {
    MISAS_POSTGRESQL=$(<"$state/postgresql.url")
    export MISAS_POSTGRESQL
    export MISAS_POSTGRESQL_DATA=$data MISAS_POSTGRESQL_BIN=$bin MISAS_POSTGRESQL_RUN_AS="${run_as[*]}"
}

# use_cluster: up for as long as this command runs; stopped by the last user unless ./dev up asked for it.
use_cluster() {
    make_state_dir
    if [ -n "${MISAS_POSTGRESQL:-}" ]; then return; fi
    prepare_cluster
    exec 8>>"$state/postgresql.users"
    flock -s 8
    trap leave_cluster EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    with_cluster_lock bring_up
    export_cluster
}

bring_down_if_last() {
    if [ ! -e "$state/postgresql.keep" ] && flock -xn 8; then bring_down; fi
}

leave_cluster() {
    trap '' INT TERM HUP
    flock -u 8
    with_cluster_lock bring_down_if_last
    exec 8>&-
}

command_up() {
    ensure_build_needs
    prepare_cluster
    with_cluster_lock bring_up_to_stay
    command_status
}

command_down() {
    prepare_cluster
    with_cluster_lock bring_down
}

command_status() {
    local pid

    prepare_cluster
    if pid=$(server_pid); then
        say "PostgreSQL is up, process $pid: postgresql://misas@127.0.0.1:$(<"$state/postgresql.port")/postgres"
        say "  the URL with its password is in $state/postgresql.url"
    else
        say "PostgreSQL is down"
    fi
    say "  $("$bin/postgres" --version), $(cmake --version | head -1), $(cc --version | head -1)"
    say "  $(du -sh "$state" 2>/dev/null | cut -f1) in $state"
}

command_psql() {
    prepare_cluster
    server_pid >/dev/null || fail "PostgreSQL is down; ./dev up starts it"
    export PGHOST=127.0.0.1 PGUSER=misas PGDATABASE=${PGDATABASE:-postgres}
    PGPORT=$(<"$state/postgresql.port") PGPASSWORD=$(<"$state/postgresql.password") exec psql "$@"
}
