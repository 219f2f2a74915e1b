"""Says where libxml2 gives something else than what is written in a file: an expression, a tab and
what it gave, in each line."""

import json
import math
import sys

from lxml import etree

NAMESPACES = {"d": "urn:d", "p": "urn:p"}


def near(left, right):
    """Whether two numbers are the same, but for how many digits libxml2 writes."""
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return left == right or math.isclose(left, right, rel_tol=1e-14)


def same_text(left, right):
    try:
        return left == right or near(float(left), float(right))
    except ValueError:
        return False


# What is no element and no text is not there for us.
parser = etree.XMLParser(remove_comments=True)
root = etree.parse(sys.argv[1], parser).getroot()


def gives(expression):
    return root.xpath(expression, namespaces=NAMESPACES)


def is_same(expression, kind, inner):
    if kind == "Nodes":
        nodes = json.loads(inner)
        if gives(f"count({expression})") != len(nodes):
            return False
        at = enumerate(nodes, 1)
        return all(gives(f"string(({expression})[{place}])") == text for place, text in at)
    value = gives(expression)
    if kind == "Boolean":
        return value is (inner == "true")
    if kind == "Number":
        return isinstance(value, float) and near(value, float(inner))
    return isinstance(value, str) and same_text(str(value), json.loads(inner))


for line in open(sys.argv[2], encoding="utf-8"):
    expression, gave = line.rstrip("\n").split("\t")
    kind, inner = gave[:-1].split("(", 1)
    try:
        if is_same(expression, kind, inner):
            continue
        print(f"{expression}: {gave}, libxml2: {gives(expression)!r}")
    except etree.XPathError as error:
        print(f"{expression}: {gave}, libxml2: {error}")
