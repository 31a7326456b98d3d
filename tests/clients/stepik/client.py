#!/usr/bin/env python3
"""Drives the PyPI package `stepik` against the emulator and compares what it sees with what was loaded.

The package is a client that nobody of this project wrote. It is used as it is; only the transport below it is told
to speak plain HTTP, because the package writes `https://` in front of every address and the emulator has no
certificate. Every surprise ends the script with an exit code other than 0.

Environment:
    LMS_STEPIK_URL, LMS_STEPIK_CLIENT_ID, LMS_STEPIK_CLIENT_SECRET   the emulator
    LMS_STEPIK_COURSES                                               the JSON file that it was started with
    LMS_STEPIK_PAGE_SIZE                                             how many objects it puts on a page
"""

import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import requests
import stepik
from stepik.errors import StepikError

SENT = []


class PlainHttp(requests.adapters.HTTPAdapter):
    """Sends what was meant for https over http, and notes it."""

    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        SENT.append((request.method, urlsplit(request.url)))
        return super().send(request, **options)


def use_plain_http():
    """The package calls `requests.get` and its like, which open a session each."""
    opened = requests.Session.__init__

    def init(session):
        opened(session)
        session.mount("https://", PlainHttp())

    requests.Session.__init__ = init


def requests_to(path):
    """Takes out of the notes what was sent to one endpoint."""
    found = [(method, url) for method, url in SENT if url.path.rstrip("/") == path]
    SENT.clear()
    return found


def agree(what, seen, due):
    if seen != due:
        sys.exit(f"{what}: the client saw {seen!r}, the emulator was loaded with {due!r}")


def same(what, seen, due):
    agree(what, seen, due)
    print(f"  {what}")


def refused(what, call, kind):
    try:
        seen = call()
    except kind:
        print(f"  {what}")
        return
    sys.exit(f"{what}: no {kind.__name__}, but {seen!r}")


def by_id(loaded, name):
    return {row["id"]: row for row in loaded[name]}


def main():
    use_plain_http()
    server = urlsplit(os.environ["LMS_STEPIK_URL"]).netloc
    key, secret = os.environ["LMS_STEPIK_CLIENT_ID"], os.environ["LMS_STEPIK_CLIENT_SECRET"]
    page_size = int(os.environ["LMS_STEPIK_PAGE_SIZE"])
    with open(os.environ["LMS_STEPIK_COURSES"], encoding="utf-8") as file:
        loaded = json.load(file)

    refused("a wrong secret is refused", lambda: stepik.Stepik(key, "wrong", server), ConnectionRefusedError)
    client = stepik.Stepik(key, secret, server)
    same("who is signed in", client.stepics().user().full_name, "Ada Author")

    # Listing, page by page.
    courses = by_id(loaded, "courses")
    SENT.clear()
    listed = list(client.courses)
    pages = -(-len(courses) // page_size)
    asked = [int(parse_qs(url.query)["page"][0]) for _, url in requests_to("/api/courses")]
    same("every course is listed once", [c.id for c in listed], sorted(courses))
    same("each page is asked for once", asked, list(range(1, pages + 1)))
    same("titles", {c.id: c.title for c in listed}, {c["id"]: c["title"] for c in loaded["courses"]})
    same("a filter", {c.id for c in client.courses.iterate(language="ru", limit=None)},
         {c["id"] for c in loaded["courses"] if c["language"] == "ru"})
    # The package puts a minus before a field that is asked for with True.
    same("an order", [c.id for c in client.courses.iterate(by_id=True, limit=None)], sorted(courses, reverse=True))

    # Many by id: twenty in one request, unknown ones left out, in any order.
    steps = by_id(loaded, "step-sources")
    wanted = sorted(steps, reverse=True)
    SENT.clear()
    fetched = list(client.steps.get_all(wanted + [1, 2], keep_order=True))
    same("requests for many ids", len(requests_to("/api/steps")), -(-(len(wanted) + 2) // 20))
    same("many steps by id, in the asked order", [s.id for s in fetched], wanted)
    refused("an unknown course", lambda: client.courses.get(1), StepikError)

    # From a course down to its steps.
    full = max(loaded["courses"], key=lambda c: len(c["sections"]))
    sections, units, lessons = (by_id(loaded, name) for name in ("sections", "units", "lessons"))
    course = client.courses.get(full["id"])
    same("the sections of a course", {s.id: s.title for s in course.sections},
         {id: sections[id]["title"] for id in full["sections"]})
    seen = 0
    for section in course.sections:
        agree(f"the units of section {section.id}", {u.id for u in section.units}, set(sections[section.id]["units"]))
        for unit in section.units:
            lesson = unit.lesson()
            due = lessons[units[unit.id]["lesson"]]
            agree(f"lesson {due['id']}", (lesson.id, lesson.title, lesson.steps_ids), (due["id"], due["title"], due["steps"]))
            for step in lesson.steps:
                due = steps[step.id]
                block = step.block
                agree(f"step {step.id}", (step.lesson, step.position, step.status, block["name"], block["text"]),
                      (due["lesson"], due["position"], due["status"], due["block"]["name"], due["block"]["text"]))
                agree(f"step {step.id} keeps its answer to itself", "source" in block, False)
                source = client.step_sources.get(step.id)
                agree(f"the source of step {step.id}", source.block["source"], due["block"]["source"])
                seen += 1
    same("every section, unit, lesson and step below it", seen, len(steps))

    # Writing, with the same client.
    made = client.lessons.create(title="Made by another client")
    made.title = "Renamed by another client"
    same("a lesson is renamed", client.lessons.update(made).title, "Renamed by another client")
    client.lessons.delete(made.id)
    refused("a deleted lesson is gone", lambda: client.lessons.get(made.id), StepikError)
    print("the package stepik agrees with the emulator")


if __name__ == "__main__":
    main()
