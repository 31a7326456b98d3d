"""Runs a student's program. Here it is a plain process in the task's `student` folder, not a second container."""

import subprocess

TIME_OVER = 253


def run_student(cmd, container=None, time_limit=0, hard_time_limit=0, memory_limit=0, share_network=False,
                working_dir=None, stdin=None, stdout=None, stderr=None, **_ignored):
    process = subprocess.Popen(cmd, shell=isinstance(cmd, str), cwd=working_dir or "student",
                               stdin=stdin, stdout=stdout, stderr=stderr)
    try:
        return process.wait(hard_time_limit or time_limit or None)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return TIME_OVER


def run_student_simple(cmd, cmd_input=None, container=None, time_limit=0, hard_time_limit=0, memory_limit=0,
                       share_network=False, working_dir=None, stdout_err_fuse=False, text="utf-8", **_ignored):
    """(stdout, stderr, return code), or (stdout, return code) when both streams are fused."""
    if isinstance(cmd_input, str):
        cmd_input = cmd_input.encode("utf-8")
    process = subprocess.Popen(cmd, shell=isinstance(cmd, str), cwd=working_dir or "student", stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT if stdout_err_fuse else subprocess.PIPE)
    try:
        out, err = process.communicate(cmd_input, hard_time_limit or time_limit or None)
        code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        code = TIME_OVER
    if text:
        out, err = out.decode(text, "replace"), (err or b"").decode(text, "replace")
    return (out, code) if stdout_err_fuse else (out, err, code)
