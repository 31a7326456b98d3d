"""Marks answers by Open edX's own problem code.

Reads lines from standard input, each `{"course": FOLDER, "problems": [{"name": URL_NAME, "answers": [{INPUT: VALUE, …},
…]}, …]}`; `"problems": null` means every problem of the course, without answers. For each it writes a line, a list with
one object for each problem:

    name     its url_name
    fault    why the problem does not load, or null
    points   what it is worth: its weight, or the sum of its inputs
    inputs   [{"id": "2_1", "points": 1, "values": ["choice_0", …]}], in order; values as the page offers them
    marks    for each answer {"refused": why it was not marked, or null, "points": {"2_1": 0.5, …}}

INPUT is a short id such as `2_1`. A list is sent once for each entry, as ticked boxes are; text is sent as it is. Each
answer meets a fresh problem; a course is read once.
"""
import json
import sys
from html.parser import HTMLParser

import host

MARKED = ("correct", "incorrect", "submitted")


class Page(HTMLParser):
    """The values that the controls of a page offer, by the name of the control."""

    def __init__(self, html):
        super().__init__()
        self.offered, self.select = {}, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = (attrs.get("name") or "").rstrip("[]{}")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            self.offered.setdefault(self.select, []).append(attrs.get("value") or "")
        elif tag == "input" and attrs.get("type") in ("radio", "checkbox"):
            self.offered.setdefault(name, []).append(attrs.get("value") or "")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None


def short(block, full):
    return full[len(block.location.html_id()) + 1:]


def form(block, answer):
    """The answer as a browser sends it."""
    from webob.multidict import MultiDict

    pairs = []
    for name, value in answer.items():
        field = f"input_{block.location.html_id()}_{name}"
        pairs += [(field + "[]", one) for one in value] if isinstance(value, list) else [(field, value)]
    return MultiDict(pairs)


def look(block):
    """What the problem asks, and for how many points."""
    offered = Page(str(block.lcp.get_html())).offered
    inputs = []
    for response in block.lcp.responders.values():
        for entry in response.inputfields:
            full = entry.get("id")
            inputs.append({"id": short(block, full), "points": response.maxpoints.get(full, 1),
                           "values": offered.get("input_" + full, [])})
    points = block.weight if block.weight is not None else block.lcp.get_max_score()
    return {"points": points, "inputs": inputs}


def mark(block, answer):
    try:
        body = json.loads(block.handle_ajax("problem_check", form(block, answer)))
    except Exception as error:  # the handler of the LMS turns every exception into a refusal
        return {"refused": str(error) or type(error).__name__, "points": {}}
    if body.get("success") not in MARKED:
        return {"refused": str(body.get("success")), "points": {}}
    marks = block.lcp.correct_map
    return {"refused": None, "points": {short(block, full): marks.get_npoints(full) for full in marks}}


def handle(course, item):
    out = {"name": item["name"], "fault": None, "points": None, "inputs": [], "marks": []}
    answers = item.get("answers", [])
    try:
        fresh = host.problem(course, item["name"])
        # To be marked it need not be looked at.
        if not answers:
            out.update(look(fresh))
    except Exception as error:  # whatever stops the problem from loading is the answer
        out["fault"] = str(error) or type(error).__name__
        return out
    for answer in answers:
        out["marks"].append(mark(fresh or host.problem(course, item["name"]), answer))
        fresh = None
    return out


def main():
    host.begin()
    courses = {}
    for line in sys.stdin:
        request = json.loads(line)
        folder = request["course"]
        if folder not in courses:
            courses[folder] = host.Course(folder)
        course = courses[folder]
        items = request["problems"]
        if items is None:
            items = [{"name": name} for name in course.problems]
        print(json.dumps([handle(course, item) for item in items]), flush=True)


if __name__ == "__main__":
    main()
