"""What libraries warn of, the rules find: a warning would only stand between a command's lines."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def quietly(call: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """The same without warnings."""

    @functools.wraps(call)
    def quiet(*arguments: _Given.args, **options: _Given.kwargs) -> _Result:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call(*arguments, **options)

    return quiet
