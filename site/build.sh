#!/usr/bin/env bash
# Builds the documentation as a site, in target/site. A page that no contents name, a link to a
# page or a heading that is not there, and whatever else is wrong in a page is an error.
# The programs for it come by `tests/tools.sh site`.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf target/site
target/tools/site/bin/sphinx-build --quiet --fail-on-warning --keep-going --doctree-dir target/tools/site/doctrees \
    --conf-dir site --builder html . target/site
echo "target/site/index.html"
