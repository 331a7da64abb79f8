#!/usr/bin/env bash
# A Debian root in a folder, to try isosim on another release. Needs root and debootstrap.
#   root.sh build SUITE FOLDER           (from $MIRROR, or the mirror in this machine's apt sources)
#   root.sh run FOLDER COMMAND ...       (in the root's /, with this machine's network, certificate and pip settings)
set -euo pipefail

mirror() {
    local found
    found=$(sed -nE 's/^(URIs: *|deb +(\[[^]]*\] +)?)([^ ]+).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
        grep -E '/debian/?$' | head -n 1) || true
    [[ -n ${MIRROR:-$found} ]] || { echo "root.sh: no Debian mirror in /etc/apt; set MIRROR" >&2; exit 1; }
    echo "${MIRROR:-$found}"
}

build() {
    local suite=$1 folder=$2 source
    [[ -e $folder/.built ]] && return
    source=$(mirror)
    echo "root.sh: Debian $suite into $folder (half a minute)"
    rm -rf --one-file-system "$folder"
    mkdir -p "$folder"
    debootstrap --variant=minbase --include=ca-certificates,git,make "$suite" "$folder" "$source" >"$folder.log" 2>&1 ||
        { tail -n 20 "$folder.log" >&2; exit 1; }
    touch "$folder/.built"
}

# Mounts live in a mount namespace of their own and go with the command.
run() {
    local folder=$1 file path
    shift
    folder=$(cd "$folder" && pwd)
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "$HOME/.config/pip/pip.conf" /etc/ssl/certs/ca-certificates.crt; do
        if [[ -e $file ]]; then install -D -m 644 "$(readlink -f "$file")" "$folder${file/#$HOME//root}"; fi
    done
    cp -r /usr/local/share/ca-certificates "$folder/usr/local/share/" 2>/dev/null || true
    apt-config dump 2>/dev/null | grep '^Acquire::' >"$folder/etc/apt/apt.conf.d/99machine" || true
    for path in proc sys dev; do mount --rbind "/$path" "$folder/$path"; done
    # Folders that serve pip, when its settings name any.
    for path in $(python3 -m pip config list 2>/dev/null | grep -oE "/[^ '\":]+" | sort -u); do
        path=${path#//}
        path=${path%/simple} # an index lies beside the files that it names
        if [[ -d $path ]]; then mkdir -p "$folder$path"; mount --bind -o ro "$path" "$folder$path"; fi
    done
    exec env HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        chroot "$folder" "$@"
}

case ${1:-} in
    build) build "$2" "$3" ;;
    run) shift; exec unshare --mount --propagation private -- bash -c "$(declare -f run); set -euo pipefail; run \"\$@\"" root.sh "$@" ;;
    *) sed -n '2,4p' "$0" >&2; exit 2 ;;
esac
