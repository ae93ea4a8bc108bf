"""At which sizes of screen a journey is made. `make test-all` makes all of them at both."""

from __future__ import annotations

import pytest

_TELEPHONE_LATER = pytest.param("telephone", marks=pytest.mark.slow)
_DESKTOP_LATER = pytest.param("desktop", marks=pytest.mark.slow)

both_sizes = pytest.mark.parametrize("size", ["desktop", "telephone"])
desktop_first = pytest.mark.parametrize("size", ["desktop", _TELEPHONE_LATER])  # in `make test`, the desktop alone
telephone_first = pytest.mark.parametrize("size", [_DESKTOP_LATER, "telephone"])  # there, the telephone alone
