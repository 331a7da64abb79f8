#!/usr/bin/env bash
# Makes the environment isosim runs in: dolfinx from where it can be had, everything else from pip into .venv.
# dolfinx comes from the python3 on PATH if that one has it (conda, container), else from Debian's or Ubuntu's apt.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
[[ $venv = /* ]] || venv=$PWD/$venv
PATH=${PATH//"$venv/bin:"/} # an activated .venv must not become its own parent

packages=(python3-dolfinx-real python3-venv libopenblas0-serial gcc libc6-dev python3-dev)

say() { printf 'isosim env: %s\n' "$*"; }
die() { printf 'isosim env: %s\n' "$@" >&2; exit 1; }

where_dolfinx() { "$1" -c 'import dolfinx; print(dolfinx.__file__)' 2>/dev/null; }

apt_packages() {
    local missing=() package sudo=()
    for package in "${packages[@]}"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) = installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || die "these packages are missing and there is neither root nor sudo; have them installed by" \
            "    apt-get install --no-install-recommends ${missing[*]}"
        sudo=(sudo)
    fi
    say "apt-get installs ${missing[*]} (with what they need about 2 GB, one to four minutes)"
    "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 update -q=2 || say "apt-get update failed; going on with the lists at hand"
    apt-cache show python3-dolfinx-real >/dev/null 2>&1 || die "this release has no package python3-dolfinx-real;" \
        "take conda or a container instead: docs/install.md"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -q=2 -y \
        --no-install-recommends "${missing[@]}" >"$log" 2>&1 </dev/null || { tail -n 30 "$log" >&2; die "apt-get failed"; }
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

own=$(where_dolfinx python3 || true)
if [[ -n $own && ! ($own = /usr/lib/* && -x /usr/bin/apt-get) ]]; then
    host=$(command -v python3)
    say "takes dolfinx from $host"
elif command -v apt-get >/dev/null; then
    apt_packages
    host=/usr/bin/python3 # another python3 may come first on PATH, and dolfinx is not in that one
    where_dolfinx "$host" >/dev/null || die "$host cannot import dolfinx although the package is installed:" \
        "    $("$host" -c 'import dolfinx' 2>&1 | tail -n 1)"
    say "takes dolfinx from $host (apt)"
else
    die "python3 has no dolfinx and there is no apt-get to install it. Either of these gives one; then make env again:" \
        "    conda env create -f environment.yml && conda activate isosim" \
        "    docker build -t isosim . && docker run -it isosim" \
        "Without dolfinx, column fidelity works: pip install ."
fi
"$host" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "$host is $("$host" -V), needed 3.11 or newer"

if [[ ! -x $venv/bin/python ]]; then
    say "makes $venv"
    "$host" -m venv --system-site-packages "$venv"
    # A virtual environment made from another one sees that one's base only: name its packages too.
    "$host" -c 'import site; print(*(f"import site; site.addsitedir({p!r})" for p in site.getsitepackages()), sep="\n")' \
        >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/host.pth"
fi
where_dolfinx "$venv/bin/python" >/dev/null || die "$venv does not see the dolfinx of $host:" \
    "    rm -r $venv; make env"

# petsc4py is compiled for the host's numpy: pip must not lift numpy over a major version.
major=$("$host" -c 'import numpy; print(numpy.__version__.split(".")[0])')
echo "numpy<$((major + 1))" >"$venv/constraints.txt"
say "pip installs isosim and what it needs into $venv ($(cat "$venv/constraints.txt"); about a minute when nothing is there yet)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$venv/constraints.txt" -e '.[dev]'
touch "$venv/.ready"
say "ready: $venv/bin/isosim"
