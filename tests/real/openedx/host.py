"""What an LMS puts around a problem, so that Open edX's own problem code runs without one.

The packages decide everything about a problem: how its OLX is read, what its inputs are called, how it is marked.
Here are only the settings, the services that the block asks for, and the walk from `course.xml` to a problem.
"""
import json
import logging
import os
import re
import sys
import types

from lxml import etree

# What containers hand down to problems (field names of the platform's inheritance mixin).
HANDED_DOWN = {
    "attempts_before_showanswer_button", "due", "format", "graceperiod", "graded", "matlab_api_key", "max_attempts",
    "rerandomize", "show_correctness", "show_reset_button", "showanswer", "start", "use_latex_compiler",
}
# Their children are no blocks.
LEAVES = {"html", "video", "static_tab", "about", "lti_consumer", "discussion", "wiki", "textbook"}


def begin():
    """Sets Django and the runner of authors' Python up. To be called once, before anything else here."""
    logging.disable(logging.CRITICAL)
    try:
        import pkg_resources  # noqa: F401
    except ImportError:
        # The file-system package asks for it, only to name a namespace; newer setuptools have it no more.
        stand_in = types.ModuleType("pkg_resources")
        stand_in.declare_namespace = lambda _name: None
        sys.modules["pkg_resources"] = stand_in

    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="for tests", DEBUG=False, USE_TZ=True, TIME_ZONE="UTC", STATIC_URL="/static/", DATABASES={},
        CODE_JAIL={}, INSTALLED_APPS=["xblocks_contrib.problem.capa"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    )
    django.setup()

    # Authors' Python runs in child processes with limits, as there is no sandbox user here. The jail then
    # puts an assignment where the program belongs, which `env` understands.
    from codejail import jail_code

    run = jail_code.run_subprocess
    jail_code.run_subprocess = lambda cmd, **kw: run(cmd=(["/usr/bin/env"] if "=" in cmd[0] else []) + list(cmd), **kw)
    jail_code.configure("python", sys.executable, user=None)
    limits = {"CPU": 20, "REALTIME": 30, "FSIZE": 1 << 20, "NPROC": 0, "VMEM": 0}
    for name, most in limits.items():
        jail_code.set_limit(name, most)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    remember_trees()


def remember_trees():
    """Has an expression parsed once and not at every point that it is tried at: a text always gives the same tree, which
    nothing changes, and building the grammar anew each time takes most of the time that marking a formula does."""
    from calc import calc

    parse, known = calc.ParseAugmenter.parse_algebra, {}

    def parse_algebra(self):
        if self.math_expr not in known:
            parse(self)
            known[self.math_expr] = self.tree, self.variables_used, self.functions_used
        self.tree, variables, functions = known[self.math_expr]
        self.variables_used, self.functions_used = set(variables), set(functions)

    calc.ParseAugmenter.parse_algebra = parse_algebra


def tree(path):
    """The root element of a file, parsed as the platform does."""
    return etree.parse(path, etree.XMLParser(strip_cdata=False)).getroot()


def said(node):
    """Whether an element holds anything."""
    return len(node) > 0 or bool((node.text or "").strip())


class Course:
    """The problems that can be reached in a course folder, by url_name."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.problems = {}
        start = "course.xml" if os.path.isfile(os.path.join(self.folder, "course.xml")) else "library.xml"
        root = tree(os.path.join(self.folder, start))
        run = root.get("url_name") or "run"
        parts = [root.get("org") or "org", root.get("course") or "course", run]
        self.key = "course-v1:" + "+".join(re.sub(r"[^\w.~-]", "_", part) for part in parts)
        self.policy = self._policy(run)
        self._visit(root, {})

    def _policy(self, run):
        for place in (f"policies/{run}/policy.json", f"policies/{run}.json"):
            try:
                with open(os.path.join(self.folder, place), encoding="utf-8") as file:
                    policy = json.load(file)
            except (OSError, ValueError):
                continue
            if isinstance(policy, dict):
                return {block: settings for block, settings in policy.items() if isinstance(settings, dict)}
        return {}

    def _definition(self, node):
        name, filename = node.get("url_name") or node.get("slug"), node.get("filename")
        places = []
        if name and not said(node):
            places.append(name.replace(":", "/"))
        if filename and node.tag != "html":
            places.append(filename)
        for place in places:
            path = os.path.join(self.folder, node.tag, place + ".xml")
            if os.path.isfile(path):
                try:
                    return tree(path)
                except etree.XMLSyntaxError:
                    return None
        return node

    def _visit(self, node, above):
        definition = self._definition(node)
        if definition is None:
            return
        name = node.get("url_name") or definition.get("url_name") or node.get("slug") or ""
        if node.tag == "problem":
            self.problems.setdefault(name, (node, above))
            return
        settings = {**definition.attrib, **node.attrib, **self.policy.get(f"{node.tag}/{name}", {})}
        below = {**above, **{key: value for key, value in settings.items() if key in HANDED_DOWN}}
        for child in definition:
            if isinstance(child.tag, str) and child.tag not in LEAVES:
                self._visit(child, below)


class Services:
    """The services by the names that the block asks for."""

    def __init__(self, course):
        from xblock.reference.user_service import UserService, XBlockUser

        library = os.path.join(course.folder, "static", "python_lib.zip")

        class User(UserService):
            def get_current_user(self):
                user = XBlockUser(is_current_user=True, emails=["learner@example.org"], full_name="A Learner")
                user.opt_attrs = {
                    "edx-platform.user_id": 1, "edx-platform.username": "learner",
                    "edx-platform.is_authenticated": True, "edx-platform.user_is_staff": False,
                    "edx-platform.anonymous_user_id": "anonymous",
                    "edx-platform.deprecated_anonymous_user_id": "anonymous",
                }
                return user

        class Sandbox:
            @staticmethod
            def can_execute_unsafe_code():
                return False

            @staticmethod
            def get_python_lib_zip():
                if not os.path.isfile(library):
                    return None
                with open(library, "rb") as file:
                    return file.read()

        class Queue:
            """An external grader that takes nothing."""

            default_queuename, waittime = "none", 0
            interface = types.SimpleNamespace(send_to_queue=lambda *_args, **_kw: (1, "there is none"))

            @staticmethod
            def construct_callback(dispatch="score_update"):
                return "/" + dispatch

        class Cache(dict):
            def __bool__(self):
                return True

            def set(self, key, value, *_timeout):
                self[key] = value

        self.user, self.sandbox, self.queue, self.cache = User(), Sandbox(), Queue(), Cache()
        self.urls = types.SimpleNamespace(replace_urls=lambda text, *_args, **_kw: text)


def runtime(course):
    """A fresh runtime: no learner has done anything in it."""
    from fs.osfs import OSFS
    from xblock.core import XBlockMixin
    from xblock.fields import Boolean, Date, Scope, String
    from xblock.runtime import DictKeyValueStore, KvsFieldData, MemoryIdManager, NullI18nService, Runtime

    class Inherited(XBlockMixin):
        """Fields that the LMS mixes in."""

        format = String(default=None, scope=Scope.settings)
        graded = Boolean(default=False, scope=Scope.settings)
        start = Date(default=None, scope=Scope.settings)

    class Host(Runtime):
        is_author_mode = False
        resources_fs = OSFS(course.folder)

        def get_policy(self, usage):
            return dict(course.policy.get(f"{usage.block_type}/{usage.block_id}", {}))

        def parse_asides(self, *_args):
            return []

        def handler_url(self, block, handler_name, suffix="", query="", thirdparty=False):
            return f"/{block.location}/{handler_name}/{suffix}"

        def resource_url(self, resource):
            return f"/static/{resource}"

        def local_resource_url(self, block, uri):
            return f"/static/{uri}"

        def publish(self, block, event_type, event_data):
            pass

    services, ids = Services(course), MemoryIdManager()
    return Host(ids, ids, mixins=(Inherited,), services={
        "field-data": KvsFieldData(DictKeyValueStore()), "i18n": NullI18nService(), "user": services.user,
        "sandbox": services.sandbox, "xqueue": services.queue, "cache": services.cache, "replace_urls": services.urls,
    })


def problem(course, name):
    """The real block for a problem of a course, as a learner meets it for the first time; seed 1."""
    from opaque_keys.edx.keys import CourseKey
    from xblock.fields import ScopeIds, UserScope
    from xblocks_contrib import ProblemBlock
    from xblocks_contrib.common.xml_utils import deserialize_field

    node, above = course.problems[name]
    usage = CourseKey.from_string(course.key).make_usage_key("problem", name)
    block = ProblemBlock.parse_xml(etree.fromstring(etree.tostring(node, with_tail=False)), runtime(course),
                                   ScopeIds(1, "problem", usage, usage))
    for key, field in block.fields.items():
        # An attribute such as attempts="" is a learner's state, which is not kept in a course.
        if getattr(field.scope, "user", None) == UserScope.ONE and field.is_set_on(block):
            field.delete_from(block)
        if key in above and not field.is_set_on(block):
            value = above[key]
            setattr(block, key, field.from_json(deserialize_field(field, value) if isinstance(value, str) else value))
    block.save()
    # Courses are old, their dates past.
    block.due = block.graceperiod = None
    block.seed = 1
    return block
