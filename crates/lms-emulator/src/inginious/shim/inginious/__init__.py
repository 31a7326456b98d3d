"""The name that older run scripts import the grading library by."""

import sys

from inginious_container_api import feedback, input, lang, rst, run_student

for _module in (feedback, input, lang, rst, run_student):
    sys.modules["inginious." + _module.__name__.rsplit(".", 1)[1]] = _module
