"""Makes the list of components of what is built: `sbom.py DOCUMENT TREE`.

DOCUMENT is what `cargo cyclonedx` writes, on the standard output goes what is left of it without the
packages that TREE (`cargo tree --prefix none --format '{p}'`) does not have, which are in no program,
and without the folder in which it was made.
"""

import json
import os
import sys


def main(document, tree):
    with open(document, encoding="utf-8") as file:
        bom = json.loads(file.read().replace(os.getcwd(), "."))
    with open(tree, encoding="utf-8") as file:
        used = {line.split(" (")[0].strip() for line in file}

    def is_used(one):
        return f"{one['name']} v{one['version']}" in used

    gone = {one["bom-ref"] for one in bom["components"] if not is_used(one)}
    bom["components"] = [one for one in bom["components"] if is_used(one)]
    bom["dependencies"] = [one for one in bom["dependencies"] if one["ref"] not in gone]
    for one in bom["dependencies"]:
        if "dependsOn" in one:
            one["dependsOn"] = [ref for ref in one["dependsOn"] if ref not in gone]
    json.dump(bom, sys.stdout, indent=2, ensure_ascii=False)
    print()


main(*sys.argv[1:])
