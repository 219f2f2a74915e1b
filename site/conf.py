"""The documentation as a site, of the Markdown files as they are. `site/build.sh` builds it."""

from pygments.lexers.rust import RustLexer

project = "counterpart"
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = [
    "README.md",
    "docs/*.md",
    "packages/python/README.md",
    "packages/npm/counterpart/README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
myst_heading_anchors = 4
html_theme = "furo"
html_title = "counterpart"
# `index.html`, which leads to the first page.
html_extra_path = ["index.html"]

# What the files have no place for, since they are read where they stand as well.
CONTENTS = {
    "Begin": [
        "docs/install",
        "docs/first-spec",
        "docs/adding-a-vendor",
        "docs/recipes",
        "docs/examples",
        "docs/coming-from",
        "docs/coming-from-wiremock",
    ],
    "Use": [
        "docs/serving",
        "docs/page",
        "docs/state",
        "docs/replicas",
        "docs/session",
        "docs/editors",
        "docs/ci",
        "docs/generate",
        "docs/compare",
        "docs/import",
        "docs/record",
        "docs/export",
    ],
    "Packages": ["Python <packages/python/README>", "npm <packages/npm/counterpart/README>"],
    "Reference": [
        "docs/spec-language",
        "docs/spec-keys",
        "docs/scenario-language",
        "docs/scenario-keys",
        "docs/control-plane",
        "docs/reports",
        "docs/limits",
        "docs/conformance",
    ],
    "Project": ["CHANGELOG", "CONTRIBUTING", "ARCHITECTURE", "SECURITY", "docs/dependencies"],
}


def add_contents(_app, name, source):
    if name == root_doc:
        for caption, pages in CONTENTS.items():
            source[0] += "\n```{toctree}\n:hidden:\n:caption: " + caption + "\n\n" + "\n".join(pages) + "\n```\n"


def setup(app):
    app.connect("source-read", add_contents)
    app.add_lexer("rust,ignore", RustLexer)
