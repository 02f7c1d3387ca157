# shellcheck shell=bash
command_lint() { fail "not there yet"; }
