"""Runs a script. One without a first line `#!` finds the library's functions in its name space, as in IPython."""

import runpy
import sys

from inginious_container_api import feedback, input, lang, rst, run_student

script = sys.argv[1]
sys.argv = [script]
names = {}
with open(script, encoding="utf-8") as source:
    if not source.readline().startswith("#!"):
        for module in (feedback, input, lang, rst, run_student):
            names.update({name: value for name, value in vars(module).items() if not name.startswith("_")})
        names.update(feedback=feedback, input=input, lang=lang, rst=rst)
# A script may import what lies beside it and in the course's common folder.
sys.path[:0] = [".", "../course/common"]
runpy.run_path(script, init_globals=names, run_name="__main__")
