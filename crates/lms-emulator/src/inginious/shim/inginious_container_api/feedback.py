"""What a run script says about an answer. Each call is on disk at once, so an early end loses nothing."""

import json
import os
import re

_FILE = os.path.join(os.environ["GRADING_JOB"], "feedback.json")
_said = {"problems": {}, "custom": {}, "tests": {}}


def _keep():
    with open(_FILE, "w", encoding="utf-8") as out:
        json.dump(_said, out)


def _problem(problem_id):
    return _said["problems"].setdefault(problem_id, ["", ""])


def set_global_result(result):
    _said["result"] = result
    _keep()


def set_problem_result(result, problem_id):
    _problem(problem_id)[0] = result
    _keep()


def set_grade(grade):
    _said["grade"] = float(grade)
    _keep()


def set_global_feedback(feedback, append=False):
    _said["text"] = _said.get("text", "") + feedback if append else feedback
    _keep()


def set_problem_feedback(feedback, problem_id, append=False):
    pair = _problem(problem_id)
    pair[1] = pair[1] + feedback if append else feedback
    _keep()


def set_feedback_from_tpl(template_name, template_options, problem_id=None, append=False):
    """Only plain `{{ name }}` places are filled in."""
    with open(template_name + ".tpl", encoding="utf-8") as template:
        text = template.read()
    text = re.sub(r"{{\s*(\w+)\s*}}", lambda place: str(template_options.get(place.group(1), "")), text)
    if problem_id is None:
        set_global_feedback(text, append)
    else:
        set_problem_feedback(text, problem_id, append)


def set_custom_value(custom_name, custom_val):
    _said["custom"][custom_name] = custom_val
    _keep()


def set_tag(tag, value):
    _said["tests"][tag] = bool(value)
    _keep()


def tag(value):
    _said["tests"]["*auto-tag-" + str(len(_said["tests"]))] = value
    _keep()


def set_state(state):
    _said["state"] = state
    _keep()


def get_feedback():
    return _said
