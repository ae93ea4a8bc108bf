"""What a call costs when there is more of everything: operations, applications; and what policy adds to its time.

`python bench/growth.py` measures these rows alone. Two gateways run side by side and are loaded in turn.
"""

from __future__ import annotations

import copy
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from compiled import TOKENS_IN_USE as TOKENS
from compiled import Compiled, Signer, Size, compiled_gateway, last_path, model_of
from footprint import tree_footprint
from load import Load, load
from neighbours import bare_envoy, nginx

from propylon.dataplane.delivery import Delivery
from propylon.dataplane.envoy_admin import EnvoyAdmin
from propylon.dataplane.envoy_log import EnvoyLog
from propylon.dataplane.watched_files import WatchedFiles
from propylon.gateway.bootstrap import version_stats
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import GatewayModel
from propylon.gateway.snapshot import CONFIGURATION_KINDS, Resource

Row = tuple[str, str, str]
FEW_OPERATIONS, MANY_OPERATIONS = 10, 10_000
CHANGES = 7
FEW_APPLICATIONS, MANY_APPLICATIONS = 10, 100_000
ROUNDS, SLICE_SECONDS = 6, 3
PACED_CONNECTIONS, PACED_ROUNDS, PACED_SECONDS = 16, 4, 10  # so long that the first handshakes are below one per cent
MEGABYTE = 1024 * 1024


def growth_rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="propylon-growth-") as name:
        folder = Path(name)
        signer = Signer(folder)
        keys = {"certificate": signer.certificate, "key": signer.private_key}
        with nginx(folder / "nginx", **keys) as (bank, _):
            yield from compile_rows()
            yield from change_rows(folder, signer, bank)
            yield from operation_rows(folder, signer, bank)
            yield from latency_rows(folder, signer, bank)
            yield from application_rows(folder, signer, bank)


def compile_rows() -> list[Row]:
    """In a process of its own, so that its memory is the compiler's."""
    step(f"compiling {MANY_OPERATIONS:,} operations")
    done = subprocess.run([sys.executable, __file__, "compile"], check=True, capture_output=True, text=True)
    seconds, megabytes, size = done.stdout.split()
    what = f"{MANY_OPERATIONS:,} operations compiled"
    return [(what, f"{seconds} s, {megabytes} MB more than before ({size} MB of configuration)", "≤ 5 s, ≤ 200 MB")]


def compile_alone() -> None:
    model = model_of(MANY_OPERATIONS, ports=(1, 2), upstream_port=3, jwks={"keys": []})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    snapshot = compile_snapshot(model)
    seconds = time.process_time() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    size = sum(len(each.content) for each in snapshot.resources.values()) / MEGABYTE
    print(f"{seconds:.1f} {more:.0f} {size:.1f}")


def change_rows(folder: Path, signer: Signer, bank: int) -> list[Row]:
    """A changed model goes its way as in an installation, without the database: compiled, told as the protocol
    tells it, moved into place, until Envoy says that it runs it. Meanwhile nobody calls."""
    step(f"one product of {MANY_OPERATIONS:,} operations changes")
    size = Size(operations=MANY_OPERATIONS, applications=500, tokens=1)
    found: dict[str, list[float]] = {"compiled": [], "told": [], "in force": [], "Envoy's processor time": []}
    with compiled_gateway(folder / "changing", signer, size, bank) as gateway:
        files = WatchedFiles(gateway.home)
        files.make_folders(CONFIGURATION_KINDS)
        admin = EnvoyAdmin(gateway.home.parent / "admin.sock", version_stats())
        delivery = Delivery(CONFIGURATION_KINDS, files, admin, EnvoyLog(gateway.home.parent / "envoy.log"))
        for number in range(CHANGES):
            model, busy = with_a_change(gateway.model, number), cpu_seconds(gateway)
            moments = [time.monotonic()]
            snapshot = compile_snapshot(model)
            moments.append(time.monotonic())
            different = {
                kind: each for kind, each in snapshot.resources.items() if each.version != delivery.have().get(kind)
            }
            text = json.dumps({kind: {"version": each.version, "text": each.text} for kind, each in different.items()})
            told = {kind: Resource(kind, each["version"], each["text"]) for kind, each in json.loads(text).items()}
            moments.append(time.monotonic())
            delivery.deliver(told)
            moments.append(time.monotonic())
            running = delivery.running()["rds"].version
            if list(told) != ["rds"] or running != snapshot.resources["rds"].version:
                raise RuntimeError(f"{list(told)} were told, {running} runs")
            parts = [after - before for before, after in pairwise(moments)]
            for name, seconds in zip(found, [*parts, cpu_seconds(gateway) - busy], strict=True):
                found[name].append(seconds)
    whole = [sum(parts) for parts in zip(*list(found.values())[:3], strict=True)]
    middle = ", ".join(f"{name} {statistics.median(seconds):.2f}" for name, seconds in found.items())
    return [
        (
            f"one product of {MANY_OPERATIONS:,} operations changes: until Envoy runs it",
            f"{statistics.median(whole):.2f} s, slowest {max(whole):.2f} ({middle})",
            "≤ 2 s",
        )
    ]


def with_a_change(model: GatewayModel, number: int) -> GatewayModel:
    """Another scope for one operation of one product; everything else is made anew, as if it were loaded again."""
    publications = list(copy.deepcopy(model.publications))
    changed = publications[number]
    first, *others = changed.operations
    publications[number] = replace(changed, operations=(replace(first, scopes=(f"bench{number}",)), *others))
    return replace(model, publications=tuple(publications))


def operation_rows(folder: Path, signer: Signer, bank: int) -> list[Row]:
    step(f"{FEW_OPERATIONS} and {MANY_OPERATIONS:,} operations in turn")
    few, many = (Size(operations=count, applications=500, tokens=TOKENS) for count in (FEW_OPERATIONS, MANY_OPERATIONS))
    with (
        compiled_gateway(folder / "few-operations", signer, few, bank) as small,
        compiled_gateway(folder / "many-operations", signer, many, bank) as large,
    ):
        paths = {small: last_path(FEW_OPERATIONS), large: last_path(MANY_OPERATIONS)}
        ratio, cpu = side_by_side(small, large, paths)
        memory = [resident_mb(each) for each in (small, large)]
    return [
        (
            f"CPU of a call, {MANY_OPERATIONS:,} operations / {FEW_OPERATIONS}",
            f"{ratio:.2f} ({cpu[1]:.0f} / {cpu[0]:.0f} µs); Envoy's memory {memory[1]:.0f} / {memory[0]:.0f} MB",
            "≤ 1.1",
        )
    ]


def application_rows(folder: Path, signer: Signer, bank: int) -> list[Row]:
    step(f"{FEW_APPLICATIONS} and {MANY_APPLICATIONS:,} applications in turn")
    few, many = (
        Size(operations=50, applications=count, tokens=MANY_APPLICATIONS)
        for count in (FEW_APPLICATIONS, MANY_APPLICATIONS)
    )
    with (
        compiled_gateway(folder / "few-applications", signer, few, bank) as small,
        compiled_gateway(folder / "many-applications", signer, many, bank) as large,
    ):
        paths = dict.fromkeys((small, large), last_path(50))
        at_start = [resident_mb(each) for each in (small, large)]
        for each in (small, large):  # every token once: all that Envoy keeps of a client
            walk(each, paths[each])
        ratio, cpu = side_by_side(small, large, paths)
        memory = [resident_mb(each) for each in (small, large)]
    first = f"before any call {at_start[1]:.0f} / {at_start[0]:.0f}"
    return [
        (
            f"CPU of a call, {MANY_APPLICATIONS:,} applications / {FEW_APPLICATIONS}",
            f"{ratio:.2f} ({cpu[1]:.0f} / {cpu[0]:.0f} µs)",
            "≤ 1.1",
        ),
        (
            f"Envoy's memory, {MANY_APPLICATIONS:,} applications / {FEW_APPLICATIONS}, each has called",
            f"{memory[1] / memory[0]:.2f} ({memory[1]:.0f} / {memory[0]:.0f} MB; {first})",
            "≤ 1.1",
        ),
    ]


def latency_rows(folder: Path, signer: Signer, bank: int) -> list[Row]:
    step("full policy and bare Envoy at half of the gateway's top rate")
    size = Size(operations=50, applications=500, tokens=TOKENS)
    with (
        compiled_gateway(folder / "paced", signer, size, bank) as ours,
        bare_envoy(
            folder / "bare", certificate=signer.certificate, key=signer.private_key, upstream_port=bank
        ) as bare_port,
    ):
        path = last_path(50)
        top = [load(ours.url, "tokens.lua", str(ours.tokens), path, seconds=SLICE_SECONDS) for _ in range(3)]
        wanted = statistics.median(good(each).rate for each in top) / 2
        pause = f"{PACED_CONNECTIONS / wanted * 1000:.1f}"
        slices: dict[str, list[Load]] = {"full": [], "bare": []}
        for _ in range(PACED_ROUNDS):
            for name, url, tokens in (
                ("full", ours.url, str(ours.tokens)),
                ("bare", f"https://localhost:{bare_port}", str(ours.tokens)),  # the same bytes
            ):
                each = load(url, "paced.lua", tokens, path, pause, seconds=PACED_SECONDS, connections=PACED_CONNECTIONS)
                slices[name].append(good(each))
    adds = {
        part: statistics.median(
            getattr(full, part) - getattr(bare, part) for full, bare in zip(slices["full"], slices["bare"], strict=True)
        )
        for part in ("p50_ms", "p99_ms")
    }
    p99, rate = (
        {name: statistics.median(each.p99_ms for each in found) for name, found in slices.items()},
        slices["full"],
    )
    return [
        (
            f"policy adds at half of the top rate ({statistics.median(each.rate for each in rate):,.0f} calls/s)",
            f"p99 {adds['p99_ms']:.2f} ms ({p99['full']:.2f} / {p99['bare']:.2f} ms), p50 {adds['p50_ms']:.2f} ms",
            "p99 ≤ 1 ms",
        )
    ]


def side_by_side(small: Compiled, large: Compiled, paths: Mapping[Compiled, str]) -> tuple[float, list[float]]:
    """The median of adjacent slices' ratios, and the median microseconds of processor time per call of each."""
    found: dict[Compiled, list[float]] = {small: [], large: []}
    for number in range(ROUNDS + 1):
        for each in (small, large):
            before = cpu_seconds(each)
            done = good(load(each.url, "tokens.lua", str(each.few_tokens), paths[each], seconds=SLICE_SECONDS))
            if number:  # the first round warms up
                found[each].append((cpu_seconds(each) - before) / done.requests * 1e6)
    ratio = statistics.median(more / less for less, more in zip(found[small], found[large], strict=True))
    return ratio, [statistics.median(found[each]) for each in (small, large)]


def walk(gateway: Compiled, path: str) -> None:
    """Until every token has called once."""
    calls = 0
    while calls < MANY_APPLICATIONS * 1.05:
        calls += good(
            load(gateway.url, "walk.lua", str(gateway.tokens), path, str(calls), seconds=SLICE_SECONDS)
        ).requests


def good(done: Load) -> Load:
    if done.refused or done.broken or not done.requests:
        raise RuntimeError(str(done))
    return done


def cpu_seconds(gateway: Compiled) -> float:
    return sum(each.cpu_seconds for each in tree_footprint(gateway.pid))


def resident_mb(gateway: Compiled) -> float:
    return sum(each.resident_mb for each in tree_footprint(gateway.pid))


def step(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["compile"]:
        compile_alone()
    else:
        for row in growth_rows():
            print("| " + " | ".join(row) + " |", flush=True)
