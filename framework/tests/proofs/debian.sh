# shellcheck shell=bash disable=SC2154 # top, scratch, root: set by the proof
# For proofs that need a machine with nothing but Debian 12, as debootstrap makes it, in $root. Needs root.

[ "$(id -u)" = 0 ] || { echo "only root can make a Debian to try it in" >&2 && exit 1; }

# The last line of defence against rm meeting a mount is that all mounts are in a namespace of their own,
# which ends with the process in it.
trap 'rm -rf --one-file-system "$root"' EXIT

# Where this machine gets Debian 12's packages from, as "address release component" lines.
configured_sources() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk '$2 ~ /^bookworm(-updates|-security)?$/ && $3 == "main"' | sort -u | grep .
}

make_debian() {
    local mirror

    mirror=$(configured_sources | awk '$2 == "bookworm" && !found++ { print $1 }')
    [ -n "$mirror" ] || { echo "this machine's apt knows no source of Debian 12" >&2 && exit 1; }
    echo "debootstrap from $mirror"
    PATH=$PATH:/usr/sbin:/sbin debootstrap --variant=minbase bookworm "$root" "$mirror" >"$scratch/debootstrap.log"
    configured_sources | sed 's/^/deb /' >"$root/etc/apt/sources.list"
    # How to reach the mirror from here: proxies and the like.
    apt-config dump | grep -E '^Acquire::(http|https|ftp|Check|Retries|ForceIP)' >"$root/etc/apt/apt.conf.d/90host" || true
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp /etc/hosts "$root/etc/hosts"
}

clone_commit() {
    git clone --quiet --no-local "$top" "$root/srv/misas"
    git -C "$root/srv/misas" checkout --quiet --detach "$(git -C "$top" rev-parse HEAD)"
}

# In namespaces of their own for mounts and processes: both are gone when the command ends.
in_debian() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --pid --fork --kill-child bash -euc '
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount -t sysfs -o ro sysfs "$1/sys" || true
        mount -t tmpfs -o mode=755 dev "$1/dev"
        mkdir "$1/dev/shm" "$1/dev/pts"
        for device in null zero full random urandom tty; do
            touch "$1/dev/$device" && mount --bind "/dev/$device" "$1/dev/$device"
        done
        ln -s /proc/self/fd "$1/dev/fd"
        mount -t tmpfs -o mode=1777 shm "$1/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
        ln -s pts/ptmx "$1/dev/ptmx"
        root=$1 && shift
        exec chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
        ' in_debian "$root" "$@"
}
