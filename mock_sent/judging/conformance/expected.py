"""The values that the checks expect, read from the contract: failures, statuses, texts, limits and examples."""

import re
from functools import cached_property
from typing import Any

from mock_sent.contract import Edition, Operation, Outcome, Violation
from mock_sent.contract.texts import strict_pattern
from mock_sent.judging.conformance.comparing import Unknown

SEND, READ, ACTIVITIES = "sendMessage", "getMessage", "getMessageActivities"


class Expected:
    """The expected values of an edition. A value that the edition does not describe raises `Unknown`."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self.version: str = edition.document["info"]["version"]
        # The topics that a webhook can subscribe to, and the topic of messages.
        self.topics, self.topic_of_messages = edition.events.topics, edition.events.of_messages

    # Operations and their replies

    def operation(self, id: str) -> Operation:
        if id not in self._edition.by_id:
            raise Unknown(f"the contract has no operation {id}")
        return self._edition.by_id[id]

    def success(self, operation: str) -> int:
        """The status of the usual success."""
        return self.operation(operation).success

    def failure(self, name: str, operation: str = SEND) -> Outcome:
        """The failure of a name, as the operation describes it, or else as another part of the contract does."""
        outcomes = self._edition.outcomes_with(name, self._edition.by_id.get(operation))
        if name not in outcomes:
            raise Unknown(f"the contract has no failure {name}")
        return outcomes[name]

    def refusal(self, body: Any) -> Outcome:
        """The failure of a send whose body breaks rules: its code, and all violations by place (ERR-4, ERR-5)."""
        code, details = self.operation(SEND).code_and_details(self._violations(body))
        status = self.failure("invalid_request").status
        outcomes = self._edition.outcomes_with("invalid_request", self.operation(SEND))
        return outcomes.with_code(status, code)._replace(details=details)

    def path(self, operation: str, id: str) -> str:
        """The operation's path, with its parameter replaced by the id."""
        return re.sub(r"\{[^}]*\}", lambda _: id, self.operation(operation).path)

    def example(self, operation: str) -> Any:
        """`data` of the documented reply."""
        reply = self.operation(operation).example
        if not isinstance(reply, dict) or not isinstance(reply.get("data"), dict):
            raise Unknown(f"the contract has no example of a reply to {operation}")
        return reply["data"]

    @cached_property
    def request_id(self) -> re.Pattern[str]:
        """The pattern of a request id."""
        responses = self.operation(SEND).content["responses"]
        headers = self._follow(responses[str(self.success(SEND))]).get("headers", {})
        pattern = self._follow(headers.get("X-Request-Id", {})).get("schema", {}).get("pattern")
        if not pattern:
            raise Unknown("the contract does not say how a request id is written")
        return strict_pattern(pattern)

    # The documented send

    @property
    def numbers(self) -> list[str]:
        """The first two recipients of the contract's example."""
        numbers: list[str] = self._member(self._request, "to")[:2]
        if len(set(numbers)) < 2:
            raise Unknown("the contract's example of a send has fewer than two different recipients")
        return numbers

    @property
    def channels(self) -> list[str]:
        channels: list[str] = self._member(self._request, "channel")
        return channels

    @property
    def template(self) -> str:
        """The template's id."""
        template: str = self._member(self._member(self._request, "template"), "id")
        return template

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters."""
        parameters: dict[str, str] = self._member(self._member(self._request, "template"), "parameters")
        return parameters

    @cached_property
    def _request(self) -> dict[str, Any]:
        examples = self._body_media.get("examples", {})
        for each in examples.values():
            request: dict[str, Any] = self._follow(each)["value"]
            return request
        raise Unknown("the contract has no example of a send")

    @staticmethod
    def _member(value: Any, name: str) -> Any:
        if not isinstance(value, dict) or value.get(name) is None:
            raise Unknown(f"the contract's example of a send has no {name}")
        return value[name]

    # Limits

    @cached_property
    def most_recipients(self) -> int:
        schema = self._follow(self._body_media.get("schema", {})).get("properties", {}).get("to", {})
        return self._limit(self._follow(schema).get("maxItems"), "recipients")

    @cached_property
    def longest_key(self) -> int:
        """The most characters of an idempotency key."""
        return self._limit(self._parameter(SEND, "Idempotency-Key").get("maxLength"), "characters of a key")

    def largest_page(self, operation: str) -> int:
        return self._limit(self._parameter(operation, "page_size").get("maximum"), "entries of a page")

    @staticmethod
    def _limit(most: int | None, of_what: str) -> int:
        if most is None:
            raise Unknown(f"the contract has no limit of {of_what}")
        return most

    # The lifecycle of a message

    @property
    def way(self) -> list[str]:
        """The statuses of a message that is delivered, in order."""
        lifecycle = self._edition.lifecycle
        return [lifecycle.statuses[stage] for stage in lifecycle.way]

    @property
    def failed(self) -> str:
        """The status of a message that failed."""
        return self._edition.lifecycle.statuses[self._edition.lifecycle.failed]

    @property
    def statuses(self) -> list[str]:
        """All statuses."""
        return self._edition.lifecycle.words

    @property
    def final(self) -> set[str]:
        """The statuses at which a message stays by itself."""
        lifecycle = self._edition.lifecycle
        names = {name for name, stage in lifecycle.stages.items() if not stage.next}
        names |= {lifecycle.last, lifecycle.failed, *(each.stage for each in self._edition.endings.values())}
        return {lifecycle.statuses[name] for name in names}

    @property
    def events(self) -> list[str]:
        """The events of the contract."""
        return list(self._edition.events.types)

    def ending(self, outcome: str) -> tuple[str, str | None] | None:
        """The status and the reason code of messages that end so; None if the send is refused instead."""
        ending = self._edition.endings.get(outcome)
        return None if ending is None else (self._edition.lifecycle.statuses[ending.stage], ending.code)

    def reason(self, gate: str) -> str:
        """The reason that a message gives when a gate ends it."""
        for each in self._edition.gates:
            if each.name == gate and each.ending and each.ending.reason:
                return each.ending.reason
        raise Unknown(f"the contract has no gate {gate} that ends a message with a reason")

    # Reading the document

    @cached_property
    def _body_media(self) -> dict[str, Any]:
        body = self._follow(self.operation(SEND).content.get("requestBody", {}))
        media: dict[str, Any] = body.get("content", {}).get("application/json", {})
        return media

    def _violations(self, body: Any) -> list[Violation]:
        rule = self.operation(SEND).body
        violations = rule.violations(body) if rule else []
        if not violations:
            raise Unknown("the contract allows this request")
        return violations

    def _parameter(self, operation: str, name: str) -> dict[str, Any]:
        """The schema of a parameter; empty if there is no such parameter."""
        for each in map(self._follow, self.operation(operation).content.get("parameters", ())):
            if each["name"] == name:
                schema: dict[str, Any] = self._follow(each["schema"])
                return schema
        return {}

    def _follow(self, node: Any) -> Any:
        return self._edition.follow(node)
