"""Pieces of reStructuredText for feedback."""

import base64


def indent_block(amount, text, indent_char="\t"):
    if amount < 0:
        return "".join(line[-amount:] for line in text.splitlines(True))
    return "".join(indent_char * amount + line for line in text.splitlines(True))


def get_codeblock(language, text):
    return "\n\n.. code-block:: " + language + "\n\n" + indent_block(1, text) + "\n"


def get_imageblock(filename, format=""):
    with open(filename, "rb") as image:
        data = base64.b64encode(image.read()).decode("ascii")
    return "\n\n.. image:: data:image/" + (format or filename.rsplit(".", 1)[-1]) + ";base64," + data + "\n"


def get_admonition(cssclass, title, text):
    return "\n\n.. admonition:: " + cssclass + "\n\t:title: " + title + "\n\n" + indent_block(1, text) + "\n"
