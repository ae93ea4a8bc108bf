"""The bank's own OpenID provider, node oidc-provider over TLS, and a browser that logs in at it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from ssl import create_default_context
from urllib.parse import urljoin

import httpx

from customers.ldap_authority import TestAuthority
from customers.ldap_server import free_port
from npm import node_folder

CLIENT_SECRET = "what the bank gave propylon, long enough"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class ProviderServer:
    issuer: str
    ca_pem: str

    def settings(self, **changes: str) -> dict[str, str]:
        told = {"issuer": self.issuer, "title": "Mobile ID", "client_id": "propylon", "ca_pem": self.ca_pem}
        return told | changes

    def log_in(self, address: str, name: str) -> str:
        """By the provider's own forms; the address that the browser is sent back to. An empty name: broken off."""
        with httpx.Client(verify=create_default_context(cadata=self.ca_pem)) as browser:
            answer = browser.get(address)
            for _ in range(8):
                while answer.is_redirect:
                    target = urljoin(str(answer.url), answer.headers["location"])
                    if not target.startswith(self.issuer):
                        return target
                    answer = browser.get(target)
                answer = self._answered(browser, answer, name)
        raise AssertionError(answer.text)

    def _answered(self, browser: httpx.Client, page: httpx.Response, name: str) -> httpx.Response:
        if not name:
            stop = re.search(r'href="([^"]+/abort)"', page.text)
            assert stop, page.text
            return browser.get(urljoin(str(page.url), stop[1]))
        action = re.search(r'action="([^"]+)"', page.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        assert action, page.text
        assert prompt, page.text
        form = {"prompt": prompt[1], "login": name, "password": "any"}
        return browser.post(urljoin(str(page.url), action[1]), data=form)


@contextmanager
def provider_server(redirect_uri: str) -> Iterator[ProviderServer]:
    authority, port = TestAuthority(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate, key = authority.server("localhost")
        (folder / "server.pem").write_text(certificate)
        (folder / "server.key").write_text(key)
        node = str(node_folder() / "bin" / "node")
        modules = str(_HERE.parent / "clients")
        command = [node, str(_HERE / "bank_provider.mjs"), str(port), f"{folder}/server.pem", f"{folder}/server.key"]
        process = subprocess.Popen([*command, redirect_uri, modules], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert process.stdout is not None
            assert any(b"ready" in line for line in process.stdout), "the provider did not start"
            yield ProviderServer(f"https://localhost:{port}", authority.pem)
        finally:
            process.terminate()
            process.wait(10)
