"""`make bench`: ratios measured side by side in one run. Prints a table; nothing here is a test of time."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from code_flow import code_flow_rows
from deletion import delete_under_load
from footprint import ProcessFootprint, tree_footprint
from grants import compare_grants, median_rate
from growth import growth_rows
from ingestion import ingestion_rows
from installation import Installation, installation
from load import Load, load
from mutual_grants import mutual_grant_rows
from neighbours import bare_envoy, nginx
from pages import page_rows

APPLICATIONS, TOKENS, MARKS = 500, 5_000, 10_000
PATH = "/sandbox/bench/v1/items"
ROUNDS, SLICE_SECONDS = 6, 4
DELETIONS = 40


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="propylon-bench-") as folder:
        rows = measure(Path(folder))
    print(f"\n{os.cpu_count()} cores, one Envoy worker; load generator and upstream on the same machine.")
    print(f"{APPLICATIONS} applications with source ranges, {TOKENS:,} tokens in uniform order, {MARKS:,} marks,")
    print("call records on, bodies of 2 KB. Medians of adjacent slices.\n")
    print("| what | measured | to reach |\n|---|---|---|")
    for what, measured, aim in rows:
        print(f"| {what} | {measured} | {aim} |")


def measure(folder: Path) -> list[tuple[str, str, str]]:
    rows = []
    step("propylon up on an empty home, twice")
    with installation(folder / "demo") as first:
        rows.append(
            ("`propylon up` to ready, first start with the demonstration", f"{first.seconds_to_ready:.1f} s", "≤ 8 s")
        )
    with installation(folder / "demo") as again:
        rows.append(("`propylon up` to ready, second start", f"{again.seconds_to_ready:.1f} s", "≤ 8 s"))
    with installation(folder / "home", "--empty") as system:
        certificate, key = system.home / "tls" / "server.crt", system.home / "tls" / "server.key"
        with (
            nginx(folder / "nginx", certificate=certificate, key=key) as (bank, nginx_port),
            bare_envoy(folder / "envoy", certificate=certificate, key=key, upstream_port=bank) as bare_port,
        ):
            step("filling the installation")
            facts = system.fill(folder, upstream_port=bank, applications=APPLICATIONS, tokens=TOKENS, marks=MARKS)
            wait_until_served(system, facts["tokens"][-1]["token"])
            rows += gateway_rows(system, folder, bare_port, nginx_port)
            rows += deletion_rows(system, folder, facts)
            step("client-credentials grants beside oidc-provider")
            rows += grant_rows(system, folder, facts["server"]["client_id"])
            rows += mutual_grant_rows(system, folder, facts["server"]["client_id"])
            step("the whole code flow beside oidc-provider")
            rows += code_flow_rows(system)
    step("call records taken in on one core")
    rows += ingestion_rows()
    step("every page of portal and console in a crowded installation")
    rows += page_rows()
    step("the gateway with more of everything")
    return rows + list(growth_rows())


def wait_until_served(system: Installation, token: str) -> None:
    deadline = time.monotonic() + 30
    while system.status_of(PATH, token) != 200:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{PATH} answers {system.status_of(PATH, token)}")
        time.sleep(0.1)


def gateway_rows(system: Installation, folder: Path, bare_port: int, nginx_port: int) -> list[tuple[str, str, str]]:
    step("full policy, bare Envoy and nginx in turn")
    tokens = str(folder / "tokens.txt")
    # The same requests for all three, byte for byte: a token is eight hundred bytes to decrypt, to read and to pass on.
    urls = {
        "full": system.public_url,
        "bare": f"https://localhost:{bare_port}",
        "nginx": f"https://localhost:{nginx_port}",
    }
    slices: dict[str, list[Load]] = {name: [] for name in urls}
    busy: dict[str, list[float]] = {"full": [], "bare": []}
    before: list[ProcessFootprint] = []
    for number in range(ROUNDS + 1):
        measured, spent = {}, {}
        for name, url in urls.items():
            since = envoy_seconds(system.process.pid)
            measured[name] = load(url, "tokens.lua", tokens, PATH, seconds=SLICE_SECONDS)
            now = envoy_seconds(system.process.pid)
            spent[name] = (now[name] - since[name]) / measured[name].requests * 1e6 if name in busy else 0.0
        if any(each.refused or each.broken for each in measured.values()):
            raise RuntimeError(str(measured))
        if number == 0:  # the first round warms up
            before = tree_footprint(system.process.pid)
            continue
        for name, each in measured.items():
            slices[name].append(each)
        for name, each_busy in busy.items():
            each_busy.append(spent[name])
        step(f"  round {number}: " + ", ".join(f"{name} {each.rate:,.0f}/s" for name, each in measured.items()))
    rates = {name: median_rate(each) for name, each in slices.items()}
    to_bare = statistics.median(
        full.rate / bare.rate for full, bare in zip(slices["full"], slices["bare"], strict=True)
    )
    to_nginx = statistics.median(
        full.rate / other.rate for full, other in zip(slices["full"], slices["nginx"], strict=True)
    )
    by_time = statistics.median(bare / full for full, bare in zip(busy["full"], busy["bare"], strict=True))
    calls = sum(each.requests for each in slices["full"])

    def p99(name: str) -> float:
        return statistics.median(each.p99_ms for each in slices[name])

    return [
        (
            "full policy / the same Envoy with TLS and no policy",
            f"{to_bare:.2f} ({rates['full']:,.0f} / {rates['bare']:,.0f} calls/s)",
            "≥ 0.45",
        ),
        (
            "the same by Envoy's processor time per call, without its neighbours on the two cores",
            f"{by_time:.2f} ({statistics.median(busy['bare']):.0f} / {statistics.median(busy['full']):.0f} µs)",
            "",
        ),
        ("full policy / nginx with TLS", f"{to_nginx:.2f} (nginx {rates['nginx']:,.0f} calls/s)", ""),
        ("full policy, p99 at full load", f"{p99('full'):.1f} ms (bare {p99('bare'):.1f} ms)", ""),
        *footprint_rows(before, tree_footprint(system.process.pid), calls),
    ]


def envoy_seconds(installation_pid: int) -> dict[str, float]:
    """Processor time of the installation's Envoy, and of the one that stands beside it."""

    def of(root: int) -> float:
        return sum(each.cpu_seconds for each in tree_footprint(root) if each.name == "envoy")

    full = of(installation_pid)
    return {"full": full, "bare": of(os.getpid()) - full}


def footprint_rows(
    before: list[ProcessFootprint], after: list[ProcessFootprint], calls: int
) -> list[tuple[str, str, str]]:
    spent = {each.name: 0.0 for each in after}
    for sign, found in ((1, after), (-1, before)):
        for each in found:
            spent[each.name] = spent.get(each.name, 0.0) + sign * each.cpu_seconds
    memory = ", ".join(f"{each.name} {each.resident_mb:.0f}" for each in after)
    cpu = ", ".join(f"{name} {seconds / calls * 1000:.3f}" for name, seconds in spent.items())
    total = sum(each.resident_mb for each in after)
    shared = sum(each.proportional_mb for each in after)
    return [
        (
            "resident memory of all processes, MB",
            f"{total:.0f} (shared pages counted once: {shared:.0f}): {memory}",
            "≤ 600",
        ),
        ("CPU seconds per 1,000 calls", cpu, ""),
    ]


def deletion_rows(system: Installation, folder: Path, facts: dict[str, object]) -> list[tuple[str, str, str]]:
    step("deleting applications under load")
    times, meanwhile = delete_under_load(system, facts, str(folder / "tokens.txt"), PATH, deletions=DELETIONS)
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return [
        (
            f"delete to refusal under load ({meanwhile.rate:,.0f} calls/s), {DELETIONS} deletions",
            f"p50 {statistics.median(ordered):.0f} ms, p99 {p99:.0f} ms",
            "p99 ≤ 1,000 ms",
        )
    ]


def grant_rows(system: Installation, folder: Path, client_id: str) -> list[tuple[str, str, str]]:
    certificate = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "identity.py"), client_id],
        env=system.environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = compare_grants(system, folder, client_id, certificate)
    ours = median_rate(found["propylon"])
    rows = []
    for name, title in (("opaque", "opaque tokens"), ("jwt", "ES256 JWTs, as ours")):
        ratio = statistics.median(
            mine.rate / other.rate for mine, other in zip(found["propylon"], found[name], strict=True)
        )
        what = f"client-credentials grants per worker process / oidc-provider ({title})"
        rows.append((what, f"{ratio:.2f} ({ours:,.0f} / {median_rate(found[name]):,.0f} grants/s)", "≥ 1.2"))
    return rows


def step(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
