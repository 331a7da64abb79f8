#!/usr/bin/env bash
# What the tests need beside isosim itself: a browser that opens the pages, and Slurm, which the tests start themselves.
# Slurm and munge are not to run as services: nothing of them is configured in /etc.
set -euo pipefail
packages=(chromium munge slurm-wlm)
missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) = installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
apt=(apt-get -o DPkg::Lock::Timeout=300 -q=2)
"${apt[@]}" update || echo "apt-get update failed; going on with the lists at hand"
# RUNLEVEL=1: packages start no service
RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
