"""What a plane may not do is found in the forms that static imports do not show."""

from pathlib import Path

import pytest

from ci.gates.planes import check
from tests.ci.gate_trees import said, source, write


@pytest.mark.parametrize(
    ("plane", "text", "complaint"),
    [
        ("dome_spec", "import subprocess\nsubprocess.run(['true'])\n", "subprocess executes"),
        ("dome_spec", "import os\nos.system('true')\n", "os.system executes"),
        ("dome_spec", "import os as o\no.execvp('true', ['true'])\n", "os.execvp executes"),
        ("dome_spec", "from os import fork\n", "os.fork executes"),
        ("dome_spec", "import os\ngetattr(os, 'posix_spawn')\n", "os.posix_spawn executes"),
        ("dome_spec", "import os\ndef call(name): getattr(os, name)\n", "os.* executes"),
        ("dome_spec", "import asyncio\nasyncio.create_subprocess_exec('true')\n", "create_subprocess_exec() executes"),
        ("dome_spec", "def go(loop): loop.subprocess_shell(None, 'true')\n", "subprocess_shell() executes"),
        ("dome_spec", "from concurrent.futures import ProcessPoolExecutor\n", "ProcessPoolExecutor executes"),
        ("dome_spec", "import ctypes\n", "ctypes executes"),
        ("dome_spec", "__import__('sub' + 'process')\n", "__import__() is dynamic"),
        ("domed", "from importlib import import_module\n", "importlib.import_module is dynamic"),
        ("domed", "from importlib.metadata import entry_points\n", "importlib.metadata.entry_points is dynamic"),
        ("dome_client", "exec('import domed')\n", "exec() is dynamic"),
        ("domed", "class GuardrailBundle: pass\n", "GuardrailBundle is a word of policy"),
        ("domed", "def check(outcome): return outcome.policy_reason_code\n", "policy_reason_code is a word of policy"),
        ("domed", "def promote(job): return job\n", "promote is a word of policy"),
        ("domed", "def decide(gate_decision): return None\n", "gate_decision is a word of policy"),
        ("domed", "guardrails = {}\n", "guardrails is a word of policy"),
        ("dome_client", "from grpclib.client import Channel\n", "Channel is a connection of its own"),
        ("dome_spec", "import grpclib.client as c\nc.Channel()\n", "Channel is a connection of its own"),
        ("dome_client", "RuntimeServiceStub(None)\n", "RuntimeServiceStub is a connection of its own"),
    ],
)
def test_a_planted_way_around_is_found(tmp_path: Path, plane: str, text: str, complaint: str) -> None:
    write(tmp_path, source(plane, "planted.py"), text)
    findings = check(tmp_path)
    assert complaint in said(findings)
    assert findings[0].place.startswith(source(plane, "planted.py"))


@pytest.mark.parametrize(
    ("plane", "module", "text"),
    [
        ("dome_client", "cli/groups.py", "from importlib.metadata import entry_points\nentry_points()\n"),
        ("dome_client", "channel.py", "from grpclib.client import Channel\nChannel()\n"),
        ("dome_spec", "kernel.py", "import platform\nimport re\nplatform.system()\nre.compile('a')\nfork = 1\n"),
        ("dome_spec", "gates.py", "class Policy: pass\n"),
        ("domed", "executors/spawn.py", "import subprocess\nsubprocess.Popen(['true'])\n"),
        ("domed", "app.py", "from importlib.metadata import version\nfrom importlib.resources import files\n"),
        ("domed", "record.py", "def record(policy): return policy\n"),
        ("domed", "rpc/service.py", "class Service(RuntimeServiceBase): pass\n"),
    ],
)
def test_what_is_allowed_gives_no_alarm(tmp_path: Path, plane: str, module: str, text: str) -> None:
    write(tmp_path, source(plane, module), text)
    assert check(tmp_path) == []
