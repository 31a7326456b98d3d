"""Runs olxcleaner over course folders named as arguments; writes a list of what it says of each.

    course   the folder
    crash    why olxcleaner itself gave up, or null
    said     [[LEVEL, NAME, FILE, TEXT], …], sorted; LEVEL is ERROR, WARNING, INFO or DEBUG
"""
import json
import os
import sys
from multiprocessing import Pool


def say(folder):
    import olxcleaner

    out = {"course": folder, "crash": None, "said": []}
    try:
        _course, errors, _names = olxcleaner.validate(folder, steps=8)
    except Exception as error:  # damaged courses can stop it
        out["crash"] = f"{type(error).__name__}: {error}"
        return out
    base = os.path.abspath(folder)
    for error in errors.errors:
        file = error.filename or ""
        file = os.path.relpath(file, base) if os.path.isabs(file) else file
        out["said"].append([error.level, error.name, file, error.description.replace(base, ".")])
    out["said"].sort()
    return out


if __name__ == "__main__":
    with Pool() as programs:
        json.dump(programs.map(say, sys.argv[1:], chunksize=1), sys.stdout)
