#!/usr/bin/env python3
"""Drives the PyPI packages `openedx-rest-api-client` and `edx-api-client` against the emulator.

Both are clients that nobody of this project wrote, used as they are. `client.py people` opens accounts and enrolls
them; `client.py look` reads. Each prints one JSON document of what the packages saw, which the caller holds against
what its own client sees of the same server. Every surprise ends the script with an exit code other than 0.

Environment: LMS_OPENEDX is the part `openedx` of the first line of `lms emulate`.
"""

import json
import os
import sys

from edx_api.client import EdxApi
from openedx_rest_api_client.client import OpenedxRESTAPIClient

MARKED = "course-v1:Lighthouse+SEA+marked"
OPEN = "course-v1:Harbour+SEA+alpha"
INVITED = "course-v1:Harbour+SEA+gamma"
PEOPLE = ["ann", "bo", "cy", "di", "ed"]
PASSWORD = "Correct-horse-7"
# What a site may ask of a new account, beside the four fields of every account.
PROFILE = {
    "level_of_education": "hs", "gender": "o", "mailing_address": "1 Quay", "city": "Haven", "country": "BE",
    "goals": "To sail", "year_of_birth": "1990", "honor_code": "true", "terms_of_service": "true",
}


def address(name):
    return f"{name}@example.org"


def date(value):
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def people(rest, mitodl):
    """Accounts, their validation, and enrollments."""
    fields = {"email": address("ann"), "username": "ann", "name": "Ann Example", "password": PASSWORD}
    before = rest.validation_registration(**fields)
    registered = [
        rest.register_account(address(name), name, f"{name.title()} Example", PASSWORD, **PROFILE) for name in PEOPLE
    ]
    bad = {"email": "nowhere", "username": "a", "name": "<b>", "password": "p"}
    return {
        "before": before,
        "registered": registered,
        "refused": rest.register_account(address("ann"), "ann", "Ann Again", PASSWORD, **PROFILE),
        "without_terms": rest.register_account(address("new"), "new", "New", PASSWORD),
        "after": rest.validation_registration(**fields),
        "bad": rest.validation_registration(**bad),
        "bad_seen_by_the_other": mitodl.user_validation.validate_user_registration_info(bad).validation_decisions,
        "enrolled": rest.change_enrollment(
            [address(name) for name in PEOPLE] + ["ghost@example.org", "no address"], [MARKED, OPEN],
            email_students=False,
        ),
        "unenrolled": rest.change_enrollment([address("ed")], [OPEN], action="unenroll", email_students=False),
        "unknown_course": rest.change_enrollment([address("ann")], ["course-v1:No+Such+Course"]),
        "one": enrollment(mitodl.enrollments.create_audit_student_enrollment(INVITED, "bo")),
        "left": enrollment(mitodl.enrollments.deactivate_enrollment(OPEN, "cy")),
    }


def look(rest, mitodl):
    """Courses, enrollments and grades."""
    username = json.loads(os.environ["LMS_OPENEDX"])["username"]
    listed = rest.list_all_courses(username=username)
    courses = list(mitodl.course_list.get_courses(username=username))
    return {
        "courses": [{"id": c["id"], "title": c["name"], "org": c["org"], "summary": c["short_description"]} for c in listed],
        "courses_of_the_other": [course(c) for c in courses],
        "of_an_org": [c["id"] for c in rest.list_all_courses(org="lighthouse")],
        "details": {
            c.course_id: course(mitodl.course_detail.get_detail(c.course_id)) for c in courses
        },
        "overview": mitodl.course_detail.get_detail(MARKED).overview,
        "enrollments": [enrollment(e) for e in mitodl.enrollments.get_enrollments(course_id=MARKED)],
        "enrollments_of_two": [enrollment(e) for e in mitodl.enrollments.get_enrollments(usernames=["bo", "cy"])],
        "grades": rest.get_course_grades(MARKED),
        "grades_of_the_other": [
            grade(g) for g in mitodl.current_grades.get_course_current_grades(MARKED).all_current_grades
        ],
        "grade_of_one": rest.get_course_grades(MARKED, username="ann"),
        "grade_of_one_of_the_other": grade(mitodl.current_grades.get_student_current_grade("ann", MARKED)),
    }


def course(c):
    return {
        "id": c.course_id, "title": c.name, "org": c.org, "number": c.number, "summary": c.short_description,
        "start": date(c.start), "end": date(c.end), "pacing": c.pacing,
    }


def enrollment(e):
    return {"course": e.course_id, "user": e.user, "mode": e.mode, "active": e.is_active, "since": e.created.isoformat()}


def grade(g):
    return {
        "username": g.username, "course_id": g.course_id, "passed": g.passed, "percent": float(g.percent),
        "letter_grade": g.letter_grade, "email": g.email,
    }


def main():
    server = json.loads(os.environ["LMS_OPENEDX"])
    url = server["lms_url"]
    rest = OpenedxRESTAPIClient(url, server["client_id"], server["client_secret"])
    # Each kind of token once: the first package asks for a Bearer token, the second is given one.
    jwt = OpenedxRESTAPIClient(url, server["client_id"], server["client_secret"], bearer=False)
    jwt_sees = [c["id"] for c in jwt.list_all_courses()]
    if jwt_sees != [c["id"] for c in rest.list_all_courses()]:
        sys.exit(f"with a JWT the package sees other courses: {jwt_sees}")
    mitodl = EdxApi({"access_token": rest.session.auth.token}, url)
    work = {"people": people, "look": look}[sys.argv[1]]
    json.dump(work(rest, mitodl), sys.stdout)


if __name__ == "__main__":
    main()
