"""The answers that are to be graded."""

import base64
import json
import os
import re


def load_input():
    with open(os.path.join(os.environ["GRADING_JOB"], "input.json"), encoding="utf-8") as data:
        answers = json.load(data)
    for name, value in answers.items():
        if isinstance(value, dict):
            answers[name] = {"filename": value["filename"], "value": base64.b64decode(value["base64"])}
    return {"input": answers}


def get_input(problem):
    """The answer to one problem; of a file `id:filename` gives the name, `id` and `id:value` the bytes."""
    name, _, part = problem.partition(":")
    answer = load_input()["input"][name]
    if isinstance(answer, dict):
        return answer["filename"] if part == "filename" else answer["value"]
    return answer


def parse_template(input_filename, output_filename=""):
    """Fills `@prefix@problem@suffix@` with the answer, each line between prefix and suffix."""
    with open(input_filename, encoding="utf-8") as template:
        text = template.read()

    def fill(place):
        prefix, problem, suffix = place.groups()
        answer = get_input(problem)
        if isinstance(answer, bytes):
            answer = answer.decode("utf-8", "replace")
        return "\n".join(prefix + line + suffix for line in str(answer).splitlines())

    text = re.sub(r"@([^@\n]*)@([A-Za-z0-9._:-]+)@([^@\n]*)@", fill, text)
    with open(output_filename or input_filename, "w", encoding="utf-8") as output:
        output.write(text)
