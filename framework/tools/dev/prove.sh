# shellcheck shell=bash disable=SC2154 # state, top: set by dev
# ./dev prove: long proofs, one after another, in a process that survives the terminal.
#
# A proof is an executable framework/tests/proofs/<name>.sh. It says on the way what it does, exits 0 if
# it holds, and its last line is `figures: ...`. `# needs: postgresql` and `# needs: tools` in it are
# seen to beforehand. In .state/proofs/:
#
#   report.tsv          a line for each finished proof: name, commit, pass or fail, end, seconds, figures
#   <name>.log          what the latest run said
#   <name>.running      there while it runs: commit, process group
#   <name>.interrupted  the same, found after the runner was killed
#   <name>/             its scratch folder
#   runner.lock         held by the one runner; runner.log is what it says

proofs=$state/proofs
scripts=$top/framework/tests/proofs

known_proofs() {
    local script

    for script in "$scripts"/*.sh; do
        if [ -x "$script" ]; then basename "$script" .sh; fi
    done
}

# The commit that is checked out; marked if the files are not quite that.
checked_out() {
    local commit

    commit=$(git rev-parse --short HEAD)
    if git diff --quiet HEAD --; then say "$commit"; else say "$commit+dirty"; fi
}

# latest_line NAME [COMMIT]
latest_line() {
    [ -e "$proofs/report.tsv" ] || return 0
    awk -F '\t' -v name="$1" -v commit="${2:-}" \
        '$1 == name && (commit == "" || $2 == commit) { line = $0 } END { print line }' \
        "$proofs/report.tsv"
}

has_passed() {
    local commit

    commit=$(checked_out)
    case $commit in *+dirty) return 1 ;; esac
    [ "$(latest_line "$1" "$commit" | cut -f3)" = pass ]
}

# Is there none that runs? Then what looks as if it were running was interrupted.
no_runner() {
    flock -n "$proofs/runner.lock" true
}

tidy_up_interrupted() {
    local file name commit group

    for file in "$proofs"/*.running; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .running)
        read -r commit group <"$file"
        # Its runner is gone, it may still be there.
        if grep -qzsFx "MISAS_PROOF_DIR=$proofs/$name" "/proc/$group/environ"; then
            say "ending what is left of $name on $commit"
            kill -- "-$group" 2>/dev/null || true
            sleep 3
        fi
        mv "$file" "$proofs/$name.interrupted"
    done
}

list_proof() {
    local name=$1 line

    if [ -e "$proofs/$name.running" ] && ! no_runner; then
        say "$name: running on $(cut -d' ' -f1 "$proofs/$name.running"), log $proofs/$name.log"
        return
    fi
    for line in "$proofs/$name.running" "$proofs/$name.interrupted"; do
        [ -e "$line" ] || continue
        say "$name: interrupted on $(cut -d' ' -f1 "$line"), log $proofs/$name.log"
        return
    done
    line=$(latest_line "$name" "$(checked_out)")
    if [ -n "$line" ]; then
        say "$name: $(cut -f3- <<<"$line" | tr '\t' ' ')"
        return
    fi
    line=$(latest_line "$name")
    say "$name: not run${line:+; stale: on $(cut -f2- <<<"$line" | tr '\t' ' ')}"
}

list_proofs() {
    local name

    say "at $(checked_out), report $proofs/report.tsv"
    for name in $(known_proofs); do list_proof "$name"; done
}

# The part that runs in a session of its own: sees to what the proof asks for and becomes the proof.
execute_proof() {
    local script=$scripts/$1.sh

    make_state_dir
    ensure_build_needs
    if grep -q '^# needs: tools' "$script"; then ensure_tools; fi
    build_preset release
    if grep -q '^# needs: postgresql' "$script"; then use_cluster; fi
    export_sanitizer_options
    "$script"
}

# record NAME COMMIT VERDICT SECONDS FIGURES
record() {
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$(date -u +%FT%TZ)" "$4" "$5" \
        >>"$proofs/report.tsv"
    say "$1: $3 on $2 after $4 s, figures: $5"
}

run_proof() {
    local name=$1 commit started=$SECONDS figures verdict=fail

    commit=$(checked_out)
    rm -rf "${proofs:?}/$name" "$proofs/$name.interrupted"
    mkdir -p "$proofs/$name"
    say "== $name on $commit, log $proofs/$name.log"
    : >"$proofs/$name.log"
    # In a script's background, setsid does not fork: its number is that of the session and the group.
    MISAS_PROOF_DIR=$proofs/$name setsid "$top/dev" prove --execute "$name" \
        >"$proofs/$name.log" 2>&1 </dev/null 9>&- &
    group=$!
    printf '%s %s\n' "$commit" "$group" >"$proofs/$name.running"
    if [ "$show_log" = yes ]; then tail -n +1 -f --pid="$group" "$proofs/$name.log" & fi
    if wait "$group"; then verdict=pass; fi
    group=
    wait
    figures=$(sed -n '$s/^figures: //p' "$proofs/$name.log")
    [ -n "$figures" ] || verdict=fail
    # What was changed meanwhile may or may not have been part of it.
    [ "$(checked_out)" = "$commit" ] || commit=${commit%+dirty}+dirty
    record "$name" "$commit" "$verdict" "$((SECONDS - started))" "${figures:-none}"
    rm -f "$proofs/$name.running"
    [ "$verdict" = pass ]
}

stop_runner() {
    trap '' INT TERM HUP
    if [ -n "${group:-}" ]; then
        kill -- "-$group" 2>/dev/null || true
        wait "$group" || true
    fi
}

refuse_dirty() {
    case $allow_dirty:$(checked_out) in
    no:*+dirty) fail "there are uncommitted changes; commit them, or say --dirty" ;;
    esac
}

# run_proofs NAME...: false if one of them failed.
run_proofs() {
    local name status=0

    exec 9>>"$proofs/runner.lock"
    flock -n 9 || fail "a runner is at work already; ./dev prove --list"
    tidy_up_interrupted
    group=
    trap stop_runner EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    for name in "$@"; do
        if [ "$again" = no ] && has_passed "$name"; then
            say "$name: has passed already"
            continue
        fi
        refuse_dirty
        run_proof "$name" || status=1
    done
    exit "$status"
}

start_runner() {
    local options=()

    no_runner || fail "a runner is at work already; ./dev prove --list"
    [ "$again" = no ] || options+=(--again)
    [ "$allow_dirty" = no ] || options+=(--dirty)
    setsid nohup "$top/dev" prove --run "${options[@]}" "$@" >"$proofs/runner.log" 2>&1 </dev/null &
    say "started: $*"
    say "logs: $proofs/<name>.log; ./dev prove --list tells how it goes"
}

command_prove() {
    local action=start again=no allow_dirty=no show_log=no group name names=()

    while [ $# -gt 0 ]; do
        case $1 in
        --list | --run | --wait | --execute) action=${1#--} ;;
        --again) again=yes ;;
        --dirty) allow_dirty=yes ;;
        -*) fail "prove has no option $1" ;;
        *) names+=("$1") ;;
        esac
        shift
    done
    for name in "${names[@]}"; do
        [ -x "$scripts/$name.sh" ] || fail "there is no proof '$name'; ./dev prove --list"
    done
    [ ${#names[@]} -gt 0 ] || mapfile -t names < <(known_proofs)

    make_state_dir
    mkdir -p "$proofs"
    case $action in
    list) list_proofs ;;
    execute) execute_proof "${names[0]}" ;;
    run) run_proofs "${names[@]}" ;;
    wait) show_log=yes run_proofs "${names[@]}" ;;
    start)
        refuse_dirty
        start_runner "${names[@]}"
        ;;
    esac
}
