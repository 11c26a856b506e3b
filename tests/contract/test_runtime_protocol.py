"""The clients that ship satisfy the ports that the spec plane declares: mypy proves it, the calls show it is meant."""

from pathlib import Path

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.testing import FakeRuntime
from dome_spec.kernel import Catalog, Runtime


def a_runtime(runtime: Runtime) -> Runtime:
    return runtime


def a_catalog(catalog: Catalog) -> Catalog:
    return catalog


def test_the_client_is_a_runtime_and_a_catalog(tmp_path: Path) -> None:
    client: Client = connect(str(tmp_path / "s"), environ={})
    assert a_runtime(client) is client
    assert a_catalog(client) is client


def test_the_fake_is_a_runtime_and_a_catalog() -> None:
    fake = FakeRuntime()
    assert a_runtime(fake) is fake
    assert a_catalog(fake) is fake
