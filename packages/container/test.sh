#!/usr/bin/env bash
# Builds the image of the Dockerfile with the programs that packages/build.sh has built, and uses
# it: alone, with the files of examples/deployment, and by Testcontainers from Python and Node.
# Afterwards nothing of it is left on the machine.
#
# Where podman runs no containers this says SKIPPED; with CONTAINERS=required that is an error.
# `tests/tools.sh containers` installs what it needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
tools=$root/target/tools/containers
place=$(mktemp -d)
service=

finish() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    podman rm --force --all --filter label=counterpart.test >/dev/null 2>&1 || true
    podman pod rm --force counterpart-pod-0 >/dev/null 2>&1 || true
    podman secret rm counterpart >/dev/null 2>&1 || true
    podman rmi --force localhost/counterpart >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap finish EXIT

skipped() {
    echo "SKIPPED containers: $1"
    [ "${CONTAINERS:-}" != required ] || exit 1
    exit 0
}

# --- the image

command -v podman >/dev/null || skipped "podman is not installed"
[ -x "$tools/bin/podman-compose" ] || skipped "tests/tools.sh containers has not been run"
if ! podman image exists debian:trixie-slim; then
    podman pull --quiet debian:trixie-slim 2>/dev/null ||
        tar -C "$tools/trixie/." -c . | podman import --message "made by debootstrap" - debian:trixie-slim ||
        skipped "there is no image of Debian"
fi
runs() { podman run --rm debian:trixie-slim true 2>"$place/why"; }
runs || {
    export CONTAINERS_CONF=$root/packages/container/containers.conf
    runs || skipped "podman runs nothing here: $(tail -n 1 "$place/why")"
}

# The last stage of the Dockerfile; the one before it builds what is built already.
mkdir "$place/image"
tar -xzf target/packages/counterpart-*.tar.gz -C "$place/image" --strip-components 1
sed -n '/^FROM debian/,$p' Dockerfile |
    sed 's|^COPY --from=build .*|COPY counterpart-mock counterpart-test /usr/local/bin/|' >"$place/image/Dockerfile"
podman build --quiet --tag counterpart "$place/image" >/dev/null
PATH=$place/image:$PATH

echo "--- the image alone"
podman run --rm --entrypoint counterpart-test counterpart run --builtin --tag smoke
mkdir "$place/project"
cp -r examples/deployment/compose.yaml packages/container/*test* "$place/project"
cd "$place/project"
counterpart-mock init >/dev/null

# --- what the examples say

echo "--- linted"
cd "$root"
check() { "$tools/bin/check-jsonschema" "$@"; }
check --builtin-schema vendor.compose-spec examples/deployment/compose.yaml
check --builtin-schema vendor.github-workflows examples/deployment/github.yaml .github/workflows/*.yaml
check --builtin-schema vendor.github-actions action.yaml
check --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci examples/deployment/gitlab.yaml
"$tools/bin/kubernetes-validate" --strict examples/deployment/kubernetes.yaml examples/deployment/kubernetes-replicas.yaml

echo "--- compose"
cd "$place/project"
export PATH=$tools/bin:$PATH
podman-compose --podman-run-args "--label counterpart.test=1" up --detach mock >/dev/null 2>&1
mock=$(podman ps --quiet --filter name=mock)
for try in $(seq 50); do
    ! podman healthcheck run "$mock" >/dev/null 2>&1 || break
    [ "$try" != 50 ] || { podman logs "$mock"; exit 1; }
    sleep 0.2
done
podman-compose run -T --no-deps scenarios </dev/null
podman-compose down >/dev/null 2>&1

echo "--- Kubernetes"
# `podman kube play` reads manifests too. Of secrets it knows a form of its own.
printf '{"token": "%s"}' "$(printf for-tests-only | base64)" | podman secret create counterpart - >/dev/null
{
    cat "$root/examples/deployment/kubernetes.yaml"
    printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: counterpart-specs}\ndata:\n  notes.yaml: |\n'
    sed 's/^/    /' specs/notes.yaml
} >kubernetes.yaml
podman kube play kubernetes.yaml >/dev/null 2>&1
counterpart-test run --base-url http://127.0.0.1:4010 --token for-tests-only
podman kube down kubernetes.yaml >/dev/null 2>&1

# --- Testcontainers

podman system service --time 0 "unix://$place/podman.sock" >/dev/null 2>&1 &
service=$!
export DOCKER_HOST=unix://$place/podman.sock TESTCONTAINERS_RYUK_DISABLED=true
for try in $(seq 50); do
    ! curl --silent --fail --unix-socket "$place/podman.sock" http://d/_ping >/dev/null || break
    [ "$try" != 50 ] || exit 1
    sleep 0.2
done

echo "--- Testcontainers in Python"
PYTHONPATH=$root/packages/python TESTCONTAINERS_CONNECTION_MODE=docker_host \
    python -m pytest -q -p no:cacheprovider test_container.py

echo "--- Testcontainers in Node"
mkdir node_modules
ln -s "$tools"/node_modules/* node_modules
cp -r "$root/packages/npm/counterpart" node_modules
node --test container.test.js

echo "containers: the image and the examples can be used"
