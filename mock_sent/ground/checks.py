"""Runs the checks of a start to the end, so that all errors are told at once."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from mock_sent.ground.errors import StartupError, StartupErrors

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class StartChecks:
    """The errors of the checks that ran so far, each once."""

    def __init__(self) -> None:
        self._errors: dict[str, StartupError] = {}

    def run(self, check: Callable[_Given, _Result], *given: _Given.args, **named: _Given.kwargs) -> _Result | None:
        """The result of a check; None if it raises `StartupError`, which is kept."""
        try:
            return check(*given, **named)
        except StartupError as found:
            self.add(found)
            return None

    def add(self, found: StartupError) -> None:
        """Keep an error, or all that it stands for."""
        self._errors |= {str(error): error for error in found.errors}

    def forget(self, kind: type[StartupError]) -> None:
        """Forget the errors of a kind, because they depend on another error."""
        self._errors = {text: error for text, error in self._errors.items() if not isinstance(error, kind)}

    def finish(self) -> None:
        """Raise the error of the checks, or all of them as `StartupErrors`."""
        errors = list(self._errors.values())
        if errors:
            raise errors[0] if len(errors) == 1 else StartupErrors(errors)
