"""What people name by mistake, by its first bytes."""

from __future__ import annotations

_BEGINNINGS = (
    (b"\xfe\xed\xfe\xed", "file.java_keystore"),
    (b"\xce\xce\xce\xce", "file.java_keystore"),
    (b"PK\x03\x04", "file.zip"),
    (b"ssh-", "file.ssh_key"),
    (b"PuTTY-User-Key-File", "file.ssh_key"),
)
_WEB = (b"<!doctype html", b"<html")
_MAIL = (b"mime-version:", b"from ", b"received:", b"content-type:", b"return-path:")


def foreign_file(data: bytes) -> str:
    """The finding's code; "" if it does not look like any of them."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_WEB):
        return "file.web_page"
    if start.startswith(_MAIL):
        return "file.mail"
    return next((code for beginning, code in _BEGINNINGS if data.startswith(beginning)), "")
