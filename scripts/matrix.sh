#!/usr/bin/env bash
# Runs the suite on other Debian releases: matrix.sh SUITE ...   (roots under .matrix/, kept between runs; needs root)
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $(id -u) = 0 ]] || { echo "matrix.sh: roots of other releases need root: sudo make test-matrix" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "matrix.sh: apt-get install debootstrap, then again" >&2; exit 1; }

# The work tree as it stands, committed or not; the root's own .venv stays.
copy_project() {
    mkdir -p "$1"
    find "$1" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
    git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh |
        tar --create --null --files-from - | tar --extract --directory "$1"
}

failed=()
for suite in "$@"; do
    root=.matrix/$suite
    scripts/root.sh build "$suite" "$root"
    copy_project "$root/isosim"
    echo "matrix.sh: make ${TARGET:-test} on Debian $suite"
    scripts/root.sh run "$root" make -C /isosim "${TARGET:-test}" || failed+=("$suite")
done
((${#failed[@]} == 0)) || { echo "matrix.sh: failed on ${failed[*]}" >&2; exit 1; }
