"""Loads a course with olxcleaner once for each line on stdin, and answers with the seconds that it took.

The course folder is the argument. What is timed is loading alone: the XML of the whole course and its policies, which
are the first two of the eight steps of its validation. Starting Python and importing the package is not.
"""
import sys
import time

import olxcleaner

for _ in sys.stdin:
    begun = time.perf_counter()
    course, _errors, _names = olxcleaner.validate(sys.argv[1], steps=2)
    seconds = time.perf_counter() - begun
    if course is None:
        sys.exit("olxcleaner finds no course")
    print(seconds, flush=True)
