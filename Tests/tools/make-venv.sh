#!/usr/bin/env bash
# Makes a Python environment with the OAuth2 server that the client is tested against, unless it is there.
# Usage: make-venv.sh FOLDER
set -euo pipefail

folder=$1
mark="$folder/.complete-1"
[ ! -e "$mark" ] || exit 0
echo "outlast: making a Python environment with canaille in $folder"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check 'canaille[front,oidc,server,sqlite]'
touch "$mark"
