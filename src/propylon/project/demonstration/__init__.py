"""The demonstration that the first start on an empty home sets up, and `demo.json`, which outsiders rely on."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import django
from django.conf import settings

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home


def seed_demonstration(*, home: Home | None = None, public_url: str = "", mutual_url: str = "") -> None:
    """Set up the demonstration and write `demo.json`; what is not given comes from the settings.

    Does nothing on a home that has its demonstration, or that people already use. After an interruption it goes on
    where it was. Raises `demonstration.address.public` when others could reach the installation.
    """
    django.setup()
    from propylon.project.demonstration.contract import write_contract
    from propylon.project.demonstration.credentials import hand_out_credentials
    from propylon.project.demonstration.world import is_begun, is_in_use, make_world

    home = home or settings.PROPYLON_HOME
    public_url, mutual_url = public_url or settings.PROPYLON_PUBLIC_URL, mutual_url or settings.PROPYLON_MUTUAL_URL
    if home.demo_file.exists() or (is_in_use() and not is_begun()):
        return
    _refuse_public(public_url)
    if not is_begun():
        make_world(home)
    credentials = hand_out_credentials(home)
    write_contract(home, public_url=public_url, mutual_url=mutual_url, credentials=credentials)


def _refuse_public(public_url: str) -> None:
    host = urlsplit(public_url).hostname or ""
    if not _is_loopback(host):
        raise PropylonError(
            "demonstration.address.public",
            f"The demonstration is for this machine only, but the public address is {public_url}. "
            "Start with --empty, or with a public URL on localhost.",
            kind=Kind.CONFLICT,
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
