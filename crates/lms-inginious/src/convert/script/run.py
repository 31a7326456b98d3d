"""Grades this task by grading.json, which lies beside this script. Both were written when the course was carried over.

An exercise is graded as its key says: every answer that fits is compared as described at each function below. The
grade is the share of the points earned, in percent; the task succeeds when every exercise is all right.
"""

import json
import os
import re
import sys
from decimal import Decimal
from fractions import Fraction

try:
    from inginious_container_api import feedback, run_student
    from inginious_container_api import input as answers
except ImportError:  # containers of INGInious 0.8 and older
    from inginious import feedback, run_student
    from inginious import input as answers

HERE = os.path.dirname(os.path.abspath(globals().get("__file__", "run.py")))
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]([+-]?[0-9]+))?", re.ASCII)
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"


def given(problem):
    """The answer to a problem; nothing where it was left out."""
    try:
        return answers.get_input(problem)
    except Exception:
        return ""


def text_of(problem):
    value = given(problem)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def picked(problem, options):
    """The options ticked, as positions; None for what is no option."""
    value = given(problem)
    values = value if isinstance(value, list) else [value] if value != "" else []
    chosen = set()
    for one in values:
        if not re.fullmatch(r"[0-9]+", str(one)) or int(one) >= options:
            return None
        chosen.add(int(one))
    return chosen


# Texts


def fold(text, accept):
    return text if accept["case_sensitive"] else text.lower()


def takes(accept, answer):
    """Outer white space never counts; an empty answer is taken by an empty exact text only."""
    answer = answer.strip()
    if accept["rule"] == "exact":
        return fold(accept["text"].strip(), accept) == fold(answer, accept)
    if answer == "":
        return False
    if accept["rule"] == "substring":
        return fold(accept["text"], accept) in fold(answer, accept)
    flags = 0 if accept["case_sensitive"] else re.IGNORECASE
    if accept["rule"] == "regex":
        return re.fullmatch(accept["text"], answer, flags) is not None
    return re.search(accept["text"], answer, flags) is not None


def text_taken(accept, answer):
    return any([takes(one, answer) for one in accept])


# Numbers, compared without rounding


def number(text):
    match = NUMBER.fullmatch(text)
    if match is None or abs(int(match.group(3) or 0)) > 5000 or sum(c.isdigit() for c in match.group(1)) > 1000:
        return None
    return Fraction(Decimal(text))


def answered_number(text):
    """As people type: any dash as minus, a comma for the point where there is no point."""
    text = text.strip()
    for dash in DASHES:
        text = text.replace(dash, "-")
    return number(text if "." in text else text.replace(",", "."))


def number_taken(accept, text):
    answer = answered_number(text)
    return answer is not None and any([number_within(one, answer) for one in accept])


def number_within(accept, answer):
    if accept["accept"] == "value":
        value, by = number(accept["value"].strip()), number(accept["tolerance"]["by"].strip())
        if accept["tolerance"]["tolerance"] == "percent":
            by = abs(value) * by / 100
        return abs(answer - value) <= by
    low, high = number(accept["low"].strip()), number(accept["high"].strip())
    above = answer > low or (accept["includes_low"] and answer == low)
    below = answer < high or (accept["includes_high"] and answer == high)
    return above and below


# Formulas


def calculator():
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    import formulas

    return formulas


# Choices


def choice_score(interaction, right, chosen, credit):
    if chosen is None:
        return 0.0
    if interaction["cardinality"] == "single":
        return 1.0 if len(chosen) == 1 and chosen & right else 0.0
    options = len(interaction["options"])
    mistakes = len(chosen ^ right)
    if mistakes == 0:
        return 1.0
    if not chosen:
        return 0.0
    if credit == "every_decision":
        return min((200 * (options - mistakes) + options) // (2 * options), 99) / 100
    if credit == "halves":
        if mistakes == 1 and options >= 3:
            return 0.5
        if mistakes == 2 and options >= 5:
            return 0.25
    return 0.0


# Answers made of parts


def share(parts, credit):
    if credit == "per_part" and parts:
        return sum(parts) / len(parts)
    return 1.0 if all(parts) else 0.0


def gaps_of(interaction):
    return [segment for segment in interaction["segments"] if segment["segment"] != "text"]


def gap_text(gap, problem):
    """What stands in a gap: the text typed, or the entry picked."""
    if gap["segment"] == "entry":
        return text_of(problem)
    chosen = picked(problem, len(gap["options"]))
    return gap["options"][min(chosen)] if chosen else ""


def gap_right(gap, accept, text):
    if gap["segment"] == "entry":
        return text_taken(accept["accept"], text)
    right = [gap["options"][entry].strip() for entry in accept["correct"]]
    return text.strip() != "" and text.strip() in right


def order_given(graded, items):
    """The numbers typed name things as they were listed to the learner; None for what is no order of all."""
    places = [int(n) for n in re.findall(r"[0-9]{1,6}", text_of(graded["problems"][0]))]
    if sorted(places) != list(range(1, items + 1)):
        return None
    return [graded["display"][place - 1] for place in places]


def order_score(graded, interaction, key, credit):
    items = interaction["items"]
    order = order_given(graded, len(items))
    if order is None:
        return 0.0
    return share([items[right] == items[here] for right, here in zip(key["order"], order)], credit)


# Programs


def seconds_of(interaction):
    language = (interaction.get("languages") or [{}])[0]
    return language.get("seconds") or interaction.get("seconds") or 10


def code_score(interaction, key, problem):
    """The program must print what each test says, outer white space aside."""
    language = (interaction.get("languages") or [{}])[0]
    parts = [language.get("header", ""), text_of(problem), language.get("footer", "")]
    folder = os.path.join(HERE, "student")
    os.makedirs(folder, exist_ok=True)
    name = "answer_" + re.sub(r"[^A-Za-z0-9]", "_", problem) + ".py"
    with open(os.path.join(folder, name), "w", encoding="utf-8") as program:
        program.write("\n".join(part for part in parts if part))
    limit = int(seconds_of(interaction) + 0.999)
    for test in key["tests"]:
        out, _err, code = run_student.run_student_simple(
            "python3 " + name, cmd_input=test["input"], time_limit=limit, hard_time_limit=3 * limit
        )
        if code != 0 or out.strip() != test["output"].strip():
            return 0.0
    return 1.0


# Exercises


def answered(graded):
    """Whether there is anything in the answer, for exercises that take everything."""
    interaction, problems = graded["exercise"]["interaction"], graded["problems"]
    kind = interaction["type"]
    if kind == "file_upload":
        return str(given(problems[0] + ":filename")).strip() != ""
    if kind == "choice":
        chosen = picked(problems[0], len(interaction["options"]))
        return chosen is not None and (interaction["cardinality"] == "multiple" or len(chosen) > 0)
    if kind == "numeric":
        return answered_number(text_of(problems[0])) is not None
    if kind == "formula":
        return calculator().readable(text_of(problems[0]))
    if kind == "order":
        return order_given(graded, len(interaction["items"])) not in (None, [])
    if kind == "gap":
        return any([gap_text(gap, p).strip() != "" for gap, p in zip(gaps_of(interaction), problems)])
    if kind == "match":
        return any([picked(p, len(interaction["targets"])) for p in problems])
    if kind == "table":
        rows = [picked(p, len(interaction["columns"])) for p in problems]
        return interaction["cardinality"] == "multiple" or any(rows)
    if kind == "code" and interaction.get("optional"):
        return True
    return text_of(problems[0]).strip() != ""


def score(graded):
    """The share of an exercise's points, 0 to 1."""
    exercise = graded["exercise"]
    interaction, key = exercise["interaction"], exercise["key"]
    credit, first = exercise["scoring"]["credit"], graded["problems"][0]
    if key["key"] == "any":
        return 1.0 if answered(graded) else 0.0
    if key["key"] == "choice":
        chosen = picked(first, len(interaction["options"]))
        return choice_score(interaction, set(key["correct"]), chosen, credit)
    if key["key"] == "text":
        return 1.0 if text_taken(key["accept"], text_of(first)) else 0.0
    if key["key"] == "number":
        return 1.0 if number_taken(key["accept"], text_of(first)) else 0.0
    if key["key"] == "formula":
        return 1.0 if calculator().agrees(key, text_of(first)) else 0.0
    if key["key"] == "order":
        return order_score(graded, interaction, key, credit)
    if key["key"] == "gaps":
        gaps = zip(gaps_of(interaction), key["gaps"], graded["problems"])
        return share([gap_right(gap, accept, gap_text(gap, p)) for gap, accept, p in gaps], credit)
    if key["key"] == "code":
        return code_score(interaction, key, first)
    raise ValueError("grading.json: no rule for the key " + key["key"])


def messages(graded, earned):
    """What is said to the learner, in reStructuredText."""
    texts = graded.get("messages", {})
    said = [texts.get("correct" if earned == 1.0 else "incorrect", "")]
    options = texts.get("options", [])
    for option in sorted(picked(graded["problems"][0], len(options)) or []) if options else []:
        said.append(options[option])
    return "\n\n".join(text for text in said if text)


def main():
    with open(os.path.join(HERE, "grading.json"), encoding="utf-8") as file:
        exercises = json.load(file)["exercises"]
    marks = []
    for graded in exercises:
        earned = score(graded)
        marks.append((earned, graded["exercise"]["scoring"]["points"]))
        for problem in graded["problems"]:
            feedback.set_problem_result("success" if earned == 1.0 else "failed", problem)
        text = messages(graded, earned)
        if text:
            feedback.set_problem_feedback(text, graded["problems"][0])
    total = sum(points for _earned, points in marks)
    if total > 0:
        grade = 100 * sum(earned * points for earned, points in marks) / total
    else:
        grade = 100 * sum(earned for earned, _points in marks) / max(len(marks), 1)
    feedback.set_global_result("success" if all(earned == 1.0 for earned, _points in marks) else "failed")
    feedback.set_grade(grade)


main()
