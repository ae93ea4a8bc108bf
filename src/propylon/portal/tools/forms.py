"""What the certificate tool takes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.design.forms import PageForm, TextNeededAtTimes
from propylon.toolkit.outputs import SHORTEST_PASSWORD
from propylon.toolkit.reading import LARGEST_FILE_BYTES

MOST_FILES = 4
_FORMS = (
    ("", gettext_lazy("Only look at it")),
    ("parts", gettext_lazy("certificate.crt, chain.crt and private.key (curl, Python, Node)")),
    ("pfx", gettext_lazy(".pfx in AES-256 (Windows since 2019, Java, Postman)")),
    ("pfx-legacy", gettext_lazy(".pfx in 3DES (older Windows, macOS Keychain)")),
    ("pem", gettext_lazy("One .pem with key, certificate and chain")),
    ("p7b", gettext_lazy(".p7b with the certificates alone")),
    ("der", gettext_lazy(".cer, the certificate alone, as DER")),
)
NEEDS_PASSWORD = frozenset({"pfx", "pfx-legacy"})


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """One to MOST_FILES files; cleans to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        given = data if isinstance(data, list | tuple) and data else [data or None]
        files: list[UploadedFile[Any]] = [super(_FilesField, self).clean(each, initial) for each in given]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)d files at once.") % {"most": MOST_FILES})
        for file in files:
            if (file.size or 0) > LARGEST_FILE_BYTES:
                told = {"name": file.name, "limit": LARGEST_FILE_BYTES // 1024}
                raise forms.ValidationError(
                    _("%(name)s is larger than %(limit)d KB; certificates and keys take a few.") % told
                )
        return files


class _Wanted(forms.ChoiceField):
    """It always has a value, of which "" is one: so nothing says "(optional)"."""

    is_needed_at_times = True


class CertificateToolForm(PageForm):
    problems_title = gettext_lazy("This could not be done. Correct what is marked below.")
    certificate_files = _FilesField(
        label=gettext_lazy("Files"),
        allow_empty_file=True,
        widget=_SeveralFiles(attrs={"multiple": True}),
        help_text=gettext_lazy(
            ".pfx, .p12, .p7b, .p7s, .cer, .crt, .pem, .key or .csr. Choose files that belong together at once, such "
            "as a certificate and its key."
        ),
    )
    password = forms.CharField(
        label=gettext_lazy("Their password"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    service_account = forms.CharField(
        label=gettext_lazy("Service account"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("The name that the certificate is to carry, to compare it with."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    form = _Wanted(label=gettext_lazy("What to make of it"), required=False, choices=_FORMS)
    new_password = TextNeededAtTimes(
        label=gettext_lazy("Password of the new file"),
        strip=False,
        max_length=128,
        help_text=gettext_lazy("A .pfx always has one; a private.key or .pem is encrypted if you give one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("form") in NEEDS_PASSWORD and len(data.get("new_password", "")) < SHORTEST_PASSWORD:
            self.add_error(
                "new_password", _("A .pfx needs a password of at least %(n)d characters.") % {"n": SHORTEST_PASSWORD}
            )
        return data
