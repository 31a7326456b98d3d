"""The agent that takes the place of the package's Docker agent: it runs a task's Python script as a plain process.

It announces the environment `default` of the type `docker`. A script finds the grading library of this project's
emulator under the names of the container's own. There is no sandbox: give it only scripts that you wrote.
"""

import asyncio
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types


def as_sent(value):
    """An answer in the form in which the library reads it."""
    if isinstance(value, dict) and "filename" in value:
        return {"filename": value["filename"], "base64": base64.b64encode(value["value"]).decode("ascii")}
    return value


def python_script(folders):
    for folder in folders:
        for name in ("run", "run.py3", "run.py"):
            script = folder / name
            if script.is_file():
                return script
    return None


def run(courses, library, message):
    """Runs the script of a task in a copy of its folder; returns what it said."""
    course = pathlib.Path(courses) / message.course_id
    with tempfile.TemporaryDirectory() as job:
        job = pathlib.Path(job)
        shutil.copytree(course / message.task_id, job / "task")
        (job / "task" / "student").mkdir(exist_ok=True)
        common = job / "course" / "common"
        common.mkdir(parents=True)
        if (course / "$common").is_dir():
            shutil.copytree(course / "$common", common, dirs_exist_ok=True)
        answers = {name: as_sent(value) for name, value in message.inputdata.items()}
        (job / "input.json").write_text(json.dumps(answers), encoding="utf-8")
        script = python_script([job / "task", common])
        if script is None:
            raise FileNotFoundError("the task has no Python script")
        subprocess.run([sys.executable, "-m", "inginious_container_api.launch", str(script)], cwd=job / "task",
                       env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(library), "GRADING_JOB": str(job),
                            "PYTHONDONTWRITEBYTECODE": "1"},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        return json.loads((job / "feedback.json").read_text(encoding="utf-8"))


def install(library):
    """Must be called before the web application is imported. Returns a function that takes the agent down or up."""
    from inginious.agent import Agent

    agents = []

    def switch(is_up):
        for agent in agents:
            change = agent.is_up.set if is_up else agent.take_down
            agent._loop.call_soon_threadsafe(change)

    class ScriptAgent(Agent):
        def __init__(self, context, backend_addr, friendly_name, concurrency, tasks_fs, *_rest, **_named):
            super().__init__(context, backend_addr, friendly_name, concurrency, tasks_fs)
            self.running = {}
            self.is_up = asyncio.Event()
            self.is_up.set()
            self.listening = None
            agents.append(self)

        async def run(self):
            """Listens while it is up; down, it is as a process that was ended: no answer to a job or a ping."""
            while True:
                await self.is_up.wait()
                self.listening = asyncio.ensure_future(super().run())
                try:
                    await self.listening
                except asyncio.CancelledError:
                    self._Agent__backend_socket.disconnect(self._Agent__backend_addr)

        def take_down(self):
            self.is_up.clear()
            for job in self.running.values():
                job.cancel()
            self.running.clear()
            self.listening.cancel()

        @property
        def environments(self):
            return {"docker": {"default": {"id": "script", "created": 0, "ports": []}}}

        async def new_job(self, message):
            if self.is_up.is_set():  # a message may be on its way when the agent goes down
                self.running[message.job_id] = asyncio.ensure_future(self.work(message))

        async def kill_job(self, message):
            job = self.running.pop(message.job_id, None)
            if job is not None:
                job.cancel()
                await self.send_job_result(message.job_id, "killed", "", 0.0)

        async def work(self, message):
            try:
                said = await self.say(message)
            except subprocess.TimeoutExpired:
                said = {"result": "timeout", "text": "The grader did not end within its time limit."}
            except Exception as problem:  # whatever happens, the job must not wait for ever
                said = {"result": "crash", "text": repr(problem)}
            if not self.is_up.is_set():
                return
            result = said.get("result", "crash")
            grade = said.get("grade", 100.0 if result == "success" else 0.0)
            problems = {name: tuple(pair) for name, pair in said.get("problems", {}).items()}
            await self.send_job_result(message.job_id, result, said.get("text", ""), grade, problems,
                                       tests=said.get("tests", {}), custom=said.get("custom", {}),
                                       state=said.get("state", ""))
            self.running.pop(message.job_id, None)

        async def say(self, message):
            return await asyncio.get_running_loop().run_in_executor(None, run, self._fs.prefix, library, message)

    module = types.ModuleType("inginious.agent.docker_agent")
    module.DockerAgent = ScriptAgent
    sys.modules["inginious.agent.docker_agent"] = module
    return switch
