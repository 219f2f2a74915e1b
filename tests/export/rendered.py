"""The elements of a page, by lxml: each with its attributes, and all text. Markdown is made HTML by
markdown-it first, as GitHub reads it: with tables, and with the HTML that is in it."""

import json
import sys

import lxml.html
from markdown_it import MarkdownIt

text = sys.stdin.read()
if sys.argv[1] == "markdown":
    text = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(text)
page = lxml.html.document_fromstring(text)
elements = [[str(one.tag), dict(one.attrib)] for one in page.iter() if one.tag is not lxml.etree.Comment]
comments = [one.text for one in page.iter(lxml.etree.Comment)]
print(json.dumps({"elements": elements, "comments": comments, "text": page.text_content()}))
