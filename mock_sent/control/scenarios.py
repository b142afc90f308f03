"""The account's scenario, and the ones there are."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from mock_sent.accounts import Account
from mock_sent.control.replies import ControlError, answer, body_of, member_of
from mock_sent.ground.errors import FileError, Misuse
from mock_sent.scenarios.library import Library
from mock_sent.scenarios.scenario import Scenario

_YAML = "application/yaml"


class ScenariosControl:
    """The endpoints."""

    def __init__(
        self, library: Library, account_of: Callable[[Request], Account], always: Sequence[Scenario] = ()
    ) -> None:
        self._library = library
        self._account_of = account_of
        self._always = [_described(scenario) for scenario in always]

    async def all(self, request: Request) -> Response:
        """Every scenario that a name stands for."""
        return answer({"scenarios": [_described(scenario) for scenario in self._library.load_all()]})

    async def get(self, request: Request) -> Response:
        scenario = self._account_of(request).scenario
        return answer({"scenario": _described(scenario) if scenario else None, "always": self._always})

    async def put(self, request: Request) -> Response:
        """`{"name": "slow"}`, or a scenario as YAML. It starts to count anew; a wrong one changes nothing."""
        account = self._account_of(request)
        try:
            scenario = await self._wanted(request)
        except (FileError, Misuse) as e:
            raise ControlError(400, str(e)) from None
        account.scenario = scenario
        account.changes += 1
        account.rules.clear(scenario)
        return await self.get(request)

    async def drop(self, request: Request) -> Response:
        account = self._account_of(request)
        account.scenario = None
        account.changes += 1
        return Response(status_code=204)

    async def _wanted(self, request: Request) -> Scenario:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _YAML:
            return self._library.take(await body_of(request), "the scenario")
        _, name = await member_of(request, "name")
        if not isinstance(name, str):
            raise ControlError(400, "name must be a text")
        return self._library.get(name, Misuse)


def _described(scenario: Scenario) -> dict[str, str]:
    return {"name": scenario.name, "about": scenario.about}
