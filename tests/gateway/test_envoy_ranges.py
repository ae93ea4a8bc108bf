"""Source ranges on a real Envoy, held against Python's own reading of them."""

from __future__ import annotations

import ipaddress
import random

from propylon.gateway.marks import ClientSourceRanges, Enforcement

LIST = "/sandbox/accounts/v1/accounts"
OTHERS = ("192.0.2.0/24", "0.0.0.0/1", "128.0.0.0/1", "::/0", "2001:db8::/32", "::1/128", "::ffff:127.0.0.0/104")
# A pattern, a beginning, another case, dots: an id is a text and nothing else.
IDS = ("cli_*", "*", "*.b", "a.b", "cli_1", "cli_10", "CLI_1", "cli_1 ")


def _ranges(dice: random.Random) -> tuple[str, ...]:
    """Around the addresses that calls can come from here, of any length, overlapping; and others."""
    found = {str(_network(dice)) for _ in range(dice.randint(0, 4))} | set(dice.sample(OTHERS, dice.randint(0, 2)))
    return tuple(sorted(found))


def _network(dice: random.Random) -> ipaddress.IPv4Network:
    address = f"127.{dice.choice((0, 0, 1, 200))}.{dice.choice((0, 3, 255))}.{dice.randint(1, 254)}"
    return ipaddress.ip_network(f"{address}/{dice.choice((8, 9, 12, 15, 16, 20, 23, 24, 28, 31, 32))}", strict=False)


def _source(dice: random.Random, entry: ClientSourceRanges) -> str:
    """An edge of one of the client's ranges if there is one, or any other address."""
    near = [network for network in map(ipaddress.ip_network, entry.ranges) if str(network).startswith("127.")]
    if near and dice.random() < 0.7:
        network = dice.choice(near)
        number = int(dice.choice((network[0], network[-1]))) + dice.choice((-1, 0, 0, 1))
    else:
        number = int(ipaddress.ip_address("127.0.0.0")) + dice.randrange(2**24)
    first, last = int(ipaddress.ip_address("127.0.0.1")), int(ipaddress.ip_address("127.255.255.254"))
    return str(ipaddress.ip_address(min(max(number, first), last)))


def test_calls_come_from_the_ranges_of_their_client(gateway):
    dice = random.Random(20)
    shared = _ranges(dice) or ("127.0.0.0/16",)
    names = (*IDS, *(f"cli_{n:03}" for n in range(40)))
    entries = [ClientSourceRanges(name, shared if n % 4 == 0 else _ranges(dice)) for n, name in enumerate(names)]
    gateway.enforce(Enforcement(source_ranges=tuple(entries)))
    found = {True: 0, False: 0}
    for entry in [*entries, *dice.choices(entries, k=40)]:
        source = _source(dice, entry)
        may = any(ipaddress.ip_address(source) in ipaddress.ip_network(text) for text in entry.ranges)
        answer = gateway.call(LIST, token=gateway.token(client=entry.client_id), source=source)
        assert answer.status == (200 if may else 403), (entry, source)
        found[may] += 1
    assert min(found.values()) > 15, "the dice tried both"


def test_clients_without_ranges_call_from_anywhere(gateway):
    gateway.enforce(Enforcement(source_ranges=tuple(ClientSourceRanges(name, ()) for name in IDS)))
    for name in ("cli_", "cli_11", "b", "x.b", "Cli_1"):
        assert gateway.call(LIST, token=gateway.token(client=name), source="127.9.9.9").status == 200
    for name in IDS:
        assert gateway.call(LIST, token=gateway.token(client=name), source="127.9.9.9").status == 403
