#!/bin/sh
# Writes the locks anew: one resolution for all uses (all.txt), then each use as a part of it.
# Universal (every system and Python we support), hashed; names, versions and hashes only.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url "$@"
}
# What is locked stays, unless UPGRADE is set: uv keeps what it finds in its output file.
[ -n "${UPGRADE:-}" ] || cat requirements/*.txt | grep -E '^[a-z0-9._-]+==' | sed 's/ *\\$//' | sort -u > requirements/all.new
[ -n "${UPGRADE:-}" ] || mv requirements/all.new requirements/all.txt
all="--all-extras --group test --group lint --group build pyproject.toml"
# shellcheck disable=SC2086
compile $all -o requirements/all.txt
part() { name=$1; shift; compile "$@" -c requirements/all.txt -o "requirements/$name.txt"; }
part run pyproject.toml
part add --extra add pyproject.toml
part lab --extra lab pyproject.toml
part pdf --extra pdf pyproject.toml
part dask --extra dask pyproject.toml
part test --group test --group lint pyproject.toml
part build --group build
rm requirements/all.txt
