#!/usr/bin/env bash
# Builds packages of the two programs for the machine it runs on, into target/packages.
#
#   packages/build.sh [archive] [deb] [npm] [python] [sbom]     all, without arguments
#
# archive   counterpart-VERSION-TARGET.tar.gz (.zip on Windows) and its SHA-256
# deb       a Debian package, with manual pages and completions (needs dpkg-deb)
# npm       the front and the package of this platform, as npm would publish them (needs npm)
# python    a wheel with the programs and the module (needs maturin)
# sbom      what the programs are made of, with versions, licences and checksums: a CycloneDX document
#           in JSON (needs cargo-cyclonedx)
#
# The result is the same for the same sources and compiler: times are those of the last commit
# (SOURCE_DATE_EPOCH), paths of the build machine are left out; `packages/reproduce.sh` builds all
# again and compares. PROFILE=dev packs what a plain `cargo build` makes, which is quicker where only
# the packing is tried.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- archive deb npm python sbom
umask 022

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
target=$(rustc -vV | sed -n 's/^host: //p')
out=$PWD/target/packages
work=$out/work
exe=
case $target in *windows*) exe=.exe ;; esac
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}"
profile=${PROFILE:-release}
binaries=${CARGO_TARGET_DIR:-target}/$profile
if [ "$profile" = dev ]; then
    binaries=${CARGO_TARGET_DIR:-target}/debug
else
    export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
fi
rm -rf "$out"
mkdir -p "$work"

cargo build --locked --profile "$profile" --bins

documents() { # FOLDER: manual pages and completions, as Unix systems lay them out
    mkdir -p "$1/share/man/man1" "$1/share/bash-completion/completions" "$1/share/zsh/vendor-completions" "$1/share/fish/vendor_completions.d"
    for program in counterpart-mock counterpart-test; do
        "$binaries/$program" man --out "$1/share/man/man1"
        "$binaries/$program" completions bash >"$1/share/bash-completion/completions/$program"
        "$binaries/$program" completions zsh >"$1/share/zsh/vendor-completions/_$program"
        "$binaries/$program" completions fish >"$1/share/fish/vendor_completions.d/$program.fish"
    done
}

archive() {
    local name=counterpart-$version-$target
    local folder=$work/$name
    mkdir -p "$folder"
    cp "$binaries/counterpart-mock$exe" "$binaries/counterpart-test$exe" README.md CHANGELOG.md LICENSE-* "$folder"
    documents "$folder"
    if [ -n "$exe" ]; then
        (cd "$work" && 7z a -bso0 "$out/$name.zip" "$name")
        (cd "$out" && sha256sum "$name.zip" >"$name.zip.sha256")
    else
        find "$folder" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + 2>/dev/null || true
        (cd "$work" && find "$name" | LC_ALL=C sort | tar --no-recursion --files-from=- -cf - \
            $(tar --version | grep -q GNU && echo --owner=0 --group=0 --numeric-owner)) | gzip -n >"$out/$name.tar.gz"
        (cd "$out" && { sha256sum "$name.tar.gz" 2>/dev/null || shasum -a 256 "$name.tar.gz"; } >"$name.tar.gz.sha256")
    fi
}

deb() {
    local architecture folder=$work/deb
    architecture=$(dpkg --print-architecture)
    mkdir -p "$folder/DEBIAN" "$folder/usr/bin" "$folder/usr/share/doc/counterpart"
    install -m 755 "$binaries/counterpart-mock" "$binaries/counterpart-test" "$folder/usr/bin"
    documents "$folder/usr"
    gzip -9n "$folder"/usr/share/man/man1/*.1
    gzip -9nc CHANGELOG.md >"$folder/usr/share/doc/counterpart/changelog.gz"
    {
        echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
        printf '\nFiles: *\nCopyright: the authors of counterpart\nLicense: MIT or Apache-2.0\n'
        sed 's/^$/./; s/^/ /' LICENSE-MIT
        echo " ."
        echo " On Debian systems the Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0."
    } >"$folder/usr/share/doc/counterpart/copyright"
    cat >"$folder/DEBIAN/control" <<END
Package: counterpart
Version: $version
Architecture: $architecture
Maintainer: The authors of counterpart <counterpart@localhost>
Section: devel
Priority: optional
Depends: libc6 (>= $(libc_of "$folder"/usr/bin/*)), libgcc-s1
Installed-Size: $(du -sk --apparent-size "$folder/usr" | cut -f 1)
Description: declarative protocol mock and test harness
 A stateful mock of vendors' APIs that are described in YAML, over JSON, forms,
 XML and SOAP, and a runner of scenarios against the mock or the real vendor.
END
    find "$folder" -type d -exec chmod 755 {} +
    find "$folder/usr/share" -type f -exec chmod 644 {} +
    dpkg-deb --root-owner-group --build "$folder" "$out/counterpart_${version}_$architecture.deb" >/dev/null
}

libc_of() { # FILE...: the newest version of the C library that they ask for
    objdump -T "$@" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1
}

npm() {
    local platform folder=$work/npm
    platform=$(node -p 'process.platform + "-" + process.arch')
    mkdir -p "$folder/platform/bin"
    cp "$binaries/counterpart-mock$exe" "$binaries/counterpart-test$exe" "$folder/platform/bin"
    cp -r packages/npm/counterpart "$folder/front"
    node - "$folder" "$version" <<'END'
const fs = require('node:fs');
const [folder, version] = process.argv.slice(2);
const { platform: os, arch: cpu } = process;
const front = JSON.parse(fs.readFileSync(`${folder}/front/package.json`));
front.version = version;
// Every platform that the release workflow builds for.
for (const name of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']) {
  front.optionalDependencies[`@counterpart/${name}`] = version;
}
const write = (file, value) => fs.writeFileSync(file, JSON.stringify(value, null, 2) + '\n');
write(`${folder}/front/package.json`, front);
write(`${folder}/platform/package.json`, {
  name: `@counterpart/${os}-${cpu}`,
  version,
  description: `The programs of counterpart for ${os} on ${cpu}`,
  license: front.license,
  files: ['bin'],
  os: [os],
  cpu: [cpu],
});
END
    command npm pack --silent --pack-destination "$out" "$folder/platform" "$folder/front" >/dev/null
}

python() {
    local maturin=maturin
    command -v maturin >/dev/null || maturin=$PWD/target/tools/packages/bin/maturin
    (cd packages/python && "$maturin" build --quiet --profile "$profile" --out "$out")
}

# Both programs are made of the same crates.
sbom() {
    PATH=$PWD/target/tools/cargo/bin:$PATH cargo cyclonedx --quiet --format json --spec-version 1.5 \
        --target "$target" --override-filename counterpart-sbom
    cargo tree --locked --target "$target" --edges normal,build --prefix none --format '{p}' >"$work/tree"
    python3 packages/sbom.py counterpart-sbom.json "$work/tree" >"$out/counterpart-$version-$target.cdx.json"
    rm counterpart-sbom.json
}

for what in "$@"; do
    case $what in
    archive | deb | npm | python | sbom) "$what" ;;
    *)
        echo "packages/build.sh: $what is not a package: archive, deb, npm, python or sbom" >&2
        exit 2
        ;;
    esac
done
rm -rf "$work"
ls -l "$out"
