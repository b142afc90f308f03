"""The account's scenario, and the list of scenarios."""

from typing import Any

from mock_sent.control.calls import ControlCall
from mock_sent.ground.errors import Misuse
from mock_sent.scenarios.scenario import Scenario


async def known(call: ControlCall) -> Any:
    """Every scenario that has a file, and so a name, and whose words the contract has."""
    return {"scenarios": [_described(scenario) for scenario in call.plane.library.load_usable()]}


async def current(call: ControlCall) -> Any:
    scenario = call.account.scenario
    always = [_described(each) for each in call.plane.always]
    return {"scenario": _described(scenario) if scenario else None, "always": always}


async def put(call: ControlCall) -> Any:
    """Set the scenario: `{"name": "slow"}`, or YAML. Its counters start from zero; an invalid one changes nothing."""
    account, library, wanted = call.account, call.plane.library, call.body
    # A YAML body is still bytes here; a JSON body is parsed.
    scenario = (
        library.take(wanted, "the scenario") if isinstance(wanted, bytes) else library.get(wanted["name"], Misuse)
    )
    await call.walk(account.rules.clear(scenario), lambda _: None)
    account.scenario = scenario
    account.changes += 1
    return await current(call)


async def drop(call: ControlCall) -> None:
    account = call.account
    account.scenario = None
    account.changes += 1


def _described(scenario: Scenario) -> dict[str, str]:
    return {"name": scenario.name, "about": scenario.about}
