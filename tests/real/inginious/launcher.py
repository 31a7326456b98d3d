#!/usr/bin/env python3
"""Runs a real INGInious 0.9.2 on loopback for the tests, from Python packages alone.

    python launcher.py --data FOLDER [--courses FOLDER] [--port N]

The web application, its backend, its MCQ agent and its WebDAV application are the unmodified ones of the package
`INGInious`. Three things around them are replaced, because they need other servers:

* MongoDB  -> `mongomock`, in the memory of this process (`replace_database`);
* mail     -> one text file per message in FOLDER/mail (`replace_mail`);
* Docker   -> an agent that runs a task's Python script as a plain process (`script_agent.py`).

When it is ready it prints one line of JSON and keeps running until SIGTERM or SIGINT. SIGUSR1 takes the script agent
down, SIGUSR2 up again. See README.md.
"""

import argparse
import json
import logging
import os
import pathlib
import secrets
import shutil
import signal
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # nothing is left beside the sources

# name, real name, mail address; passwords are drawn at every start
ACCOUNTS = [
    ("superadmin", "Sam Superadmin", "superadmin@example.org"),
    ("learner", "Lena Learner", "learner@example.org"),
    ("visitor", "visitor", "visitor@example.org"),
]

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2}


def replace_database():
    """Every `MongoClient()` of the package becomes one client of an in-memory database."""
    import mongomock
    import mongomock.gridfs
    import pymongo
    from mongomock import aggregate

    mongomock.gridfs.enable_gridfs_integration()
    client = mongomock.MongoClient()
    client.close = lambda: None
    pymongo.MongoClient = lambda *_args, **_kwargs: client

    # The page "my courses" asks for two things that mongomock lacks: `$setDifference`, and `$push` of an object
    # one of whose fields is missing (MongoDB leaves the field out, mongomock the object).
    plain_sets = aggregate._Parser._handle_set_operator

    def sets(parser, operator, operands):
        if operator != "$setDifference":
            return plain_sets(parser, operator, operands)
        left, right = [parser.parse(operand) for operand in operands]
        return [element for element in left if element not in right]

    plain_groups = aggregate._accumulate_group

    def groups(fields, documents):
        pushed = {}
        for name, rule in fields.items():
            if isinstance(rule, dict) and isinstance(rule.get("$push"), dict):
                pushed[name] = rule["$push"]
        rest = {name: rule for name, rule in fields.items() if name not in pushed}
        answer = plain_groups(rest, documents)
        for name, shape in pushed.items():
            answer[name] = [
                aggregate._parse_expression(shape, document, ignore_missing_keys=True) for document in documents
            ]
        return answer

    aggregate._Parser._handle_set_operator = sets
    aggregate._accumulate_group = groups
    return client["INGInious"]


def replace_mail(folder):
    """Messages are written down instead of sent: `to` in the first line, then the text."""
    import flask_mail

    def keep(_mail, message):
        number = len(list(folder.iterdir())) + 1
        text = "\n".join([", ".join(str(receiver) for receiver in message.recipients), message.subject, "", message.body or message.html or ""])
        (folder / f"{number:03}.txt").write_text(text, encoding="utf-8")

    flask_mail.Mail.send = keep


def make_accounts(database):
    """Active accounts; returns name -> password."""
    from inginious.frontend.user_manager import UserManager

    passwords = {}
    for name, realname, email in ACCOUNTS:
        passwords[name] = secrets.token_hex(12)
        database.users.insert_one({
            "username": name,
            "realname": realname,
            "email": email,
            "password": UserManager.hash_password(passwords[name]),
            "bindings": {},
            "language": "en",
            "code_indentation": "4",
            "tos_accepted": True,
        })
    return passwords


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_body_at_its_length(application):
    """WsgiDAV reads a request body until the connection ends; the server below keeps it open for the answer."""
    from werkzeug.wsgi import get_input_stream

    def wrapped(environ, start_response):
        environ["wsgi.input"] = get_input_stream(environ)
        return application(environ, start_response)

    return wrapped


def listen(application, port):
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", port, application, threaded=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def wait_for_agents(application):
    """Jobs that come before the agents have announced themselves end in an error."""
    for _ in range(300):
        offered = application.__self__.client.get_available_environments()
        if {"mcq", "docker"} <= set(offered):
            return offered
        time.sleep(0.05)
    sys.exit("the grading agents did not start within 15 seconds; see server.log")


def start(options):
    data = options.data.resolve()
    shutil.rmtree(data / "tasks", ignore_errors=True)
    shutil.copytree(options.courses, data / "tasks")
    for name in ("mail", "backup", "static", "agent"):
        shutil.rmtree(data / name, ignore_errors=True)
        (data / name).mkdir(parents=True)
    logging.basicConfig(level=logging.INFO, filename=data / "server.log", filemode="w")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

    database = replace_database()
    replace_mail(data / "mail")
    sys.path.insert(0, str(HERE))
    import script_agent

    switch = script_agent.install(options.library)

    import inginious.frontend.app
    import inginious.frontend.webdav

    webdav_port = unused_port()
    configuration = {
        "backend": "local",
        "local-config": {"concurrency": 2, "tmp_dir": str(data / "agent")},
        "mongo_opt": {"host": "in memory", "database": "INGInious"},
        "tasks_directory": str(data / "tasks"),
        "backup_directory": str(data / "backup"),
        "static_directory": str(data / "static"),
        "superadmins": ["superadmin"],
        "allow_registration": True,
        "allow_deletion": True,
        "use_minified_js": True,
        "smtp": {"host": "127.0.0.1", "port": 25, "sendername": "no-reply@example.org"},
        "session_parameters": {"timeout": 86400, "secret_key": secrets.token_hex(16)},
        "webdav_host": f"http://127.0.0.1:{webdav_port}",
        "plugins": [],
    }
    application, close = inginious.frontend.app.get_app(configuration)
    passwords = make_accounts(database)
    servers = [
        listen(application, options.port),
        listen(end_body_at_its_length(inginious.frontend.webdav.get_app(configuration)), webdav_port),
    ]
    environments = wait_for_agents(application)
    ready = {
        "url": f"http://127.0.0.1:{servers[0].server_port}",
        "webdav_url": configuration["webdav_host"],
        "accounts": passwords,
        "mail": str(data / "mail"),
        "courses": str(options.courses.resolve()),
        "environments": environments,
        "pid": os.getpid(),
    }
    return ready, servers, close, switch


def main():
    parser = argparse.ArgumentParser(description="A real INGInious on loopback, for tests.")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder for courses, mails and the log")
    parser.add_argument("--courses", type=pathlib.Path, default=HERE / "courses", help="folder of course folders")
    parser.add_argument("--port", type=int, default=0, help="port of the web application; 0 takes a free one")
    parser.add_argument("--library", type=pathlib.Path, help="folder with the grading library for run scripts",
                        default=HERE.parents[2] / "crates" / "lms-emulator" / "src" / "inginious" / "shim")
    options = parser.parse_args()

    # Blocked before the first thread starts, and taken one by one below: a handler of Python runs in the main thread
    # alone, and a signal that the kernel gives to another thread does not wake it from its wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    ready, servers, close, switch = start(options)
    print(json.dumps(ready), flush=True)
    while (number := signal.sigwait(SIGNALS)) in (signal.SIGUSR1, signal.SIGUSR2):
        switch(number == signal.SIGUSR2)
    for server in servers:
        server.shutdown()
    close()
    os._exit(0)  # the message loop of the backend runs in a thread that does not end by itself


if __name__ == "__main__":
    main()
