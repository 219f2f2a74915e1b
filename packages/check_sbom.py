"""Checks a list of components: `check_sbom.py DOCUMENT TREE`.

DOCUMENT is CycloneDX 1.5 in JSON, TREE what `cargo tree --prefix none --format '{p}'` says. The
document must be valid for the schema of its authors, name exactly the packages of the tree, and say
of each where it comes from, what it may be used under, and, but for ours, its checksum.
"""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main(document, tree):
    with open(document, encoding="utf-8") as file:
        text = file.read()
    problem = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    if problem is not None:
        sys.exit(f"{document} is not valid: {problem}")
    components = json.loads(text)["components"]
    listed = {f"{one['name']} v{one['version']}": one for one in components}
    with open(tree, encoding="utf-8") as file:
        lines = [line.split(" (")[0].strip() for line in file]
    used = {line for line in lines if line and not line.startswith("counterpart ")}
    if missing := used - set(listed):
        sys.exit(f"not listed: {', '.join(sorted(missing))}")
    if more := set(listed) - used:
        sys.exit(f"listed, but not used: {', '.join(sorted(more))}")
    for name, one in listed.items():
        for key in ("purl", "licenses", "hashes"):
            if not one.get(key):
                sys.exit(f"{name} has no {key}")
    print(f"{len(listed)} components, each with its origin, licence and checksum")


main(*sys.argv[1:])
