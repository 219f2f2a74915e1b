"""What can become of a text on its way through a server."""

import re
import unicodedata
import urllib.parse

TEXT = {
    "text-trimmed": str.strip,
    "text-trimmed-left": str.lstrip,
    "text-trimmed-right": str.rstrip,
    "text-spaces-joined": lambda text: re.sub("  +", " ", text),
    "text-ampersand-escaped": lambda text: text.replace("&", "&amp;"),
    "text-tags-stripped": lambda text: re.sub("<[^>]*>", "", text),
    "text-tags-escaped": lambda text: text.replace("<", "&lt;").replace(">", "&gt;"),
    "text-entities-read": lambda text: text.replace("&lt;", "<").replace("&amp;", "&"),
    "text-typographic-quotes-lost": lambda text: text.replace("„", '"').replace("“", '"'),
    "text-cjk-lost": lambda text: text.replace("漢", "?"),
    "text-emoji-lost": lambda text: re.sub("[\U00010000-\U0010ffff]", "", text),
    "text-emoji-replaced": lambda text: re.sub("[\U00010000-\U0010ffff]", "\ufffd", text),
    "text-cut-at-emoji": lambda text: re.split("[\U00010000-\U0010ffff]", text)[0],
    "text-lines-joined": lambda text: text.replace("\n", " "),
    "text-tabs-lost": lambda text: text.replace("\t", " "),
    "text-percent-decoded": urllib.parse.unquote,
    "text-plus-is-space": lambda text: text.replace("+", " "),
    "text-composed": lambda text: unicodedata.normalize("NFC", text),
    "text-number-read": lambda text: str(int(text)) if text.isdecimal() and text.isascii() else text,
    "text-apostrophe-doubled": lambda text: text.replace("'", "''"),
    "text-apostrophe-escaped": lambda text: text.replace("'", "\\'"),
    "text-titled": lambda text: text.title() if text.islower() else text,
    "text-null-read": lambda text: "" if text == "null" else text,
    "text-cut-at-191": lambda text: text[:191],
    "text-cut-at-255-bytes": lambda text: text.encode()[:255].decode("utf-8", "ignore"),
}
