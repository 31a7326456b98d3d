"""Language of the student. There are no catalogues here: texts stay as they are."""

import builtins

from inginious_container_api import input


def get_lang():
    return input.get_input("@lang")


def init():
    builtins.__dict__["_"] = lambda text: text
