"""The webhook events of an edition, read from the document's `webhooks`: names, topics and payloads."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mock_sent.contract.document import Document
from mock_sent.contract.formats import Format
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.contract.projection import Projection, projection_of
from mock_sent.contract.schemas import Schemas


class EventType:
    """One type of webhook event. `stage` is empty if the event does not belong to a stage of a message."""

    def __init__(self, name: str, content: dict[str, Any], schemas: Schemas, formats: Mapping[str, Format]) -> None:
        self.name = name
        self.topic: str = content["x-topic"]
        self.stage: str = content.get("x-stage", "")
        # Whether a test event of the topic has this type.
        self.is_usual: bool = content.get("x-usual", False)
        self._content, self._schemas, self._formats = content, schemas, formats

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the payload."""
        schema: dict[str, Any] = self._media["schema"]
        return schema

    @property
    def example(self) -> dict[str, Any]:
        """The payload of the contract's first example."""
        example: dict[str, Any] = next(iter(self._media["examples"].values()))["value"]
        return example

    @cached_property
    def needs_template(self) -> bool:
        """Whether a message without a template cannot be told of."""
        follow = self._schemas.document.follow
        payload = follow(follow(self.schema).get("properties", {}).get("payload", {}))
        kind = follow(payload.get("properties", {}).get("template_id", {})).get("type", ())
        return "template_id" in payload.get("required", ()) and "null" not in kind

    @cached_property
    def project(self) -> Projection:
        """The function that makes the payload from the data of an event."""
        return projection_of(self._schemas, self.schema, self._formats, ("webhooks", self.name))

    @cached_property
    def _media(self) -> dict[str, Any]:
        body = self._schemas.document.follow(self._content["post"]["requestBody"])
        media: dict[str, Any] = body["content"]["application/json"]
        return media


class EventTypes:
    """The event types of an edition, by name and by stage."""

    def __init__(self, types: Mapping[str, EventType]) -> None:
        self.types = types
        self._by_stage = {event.stage: event for event in types.values() if event.stage}
        # The topics that a webhook can subscribe to.
        self.topics = tuple(dict.fromkeys(event.topic for event in types.values()))
        # The topic of the events of messages.
        self.of_messages = next((event.topic for event in self._by_stage.values()), "")

    def of_stage(self, stage: str) -> EventType | None:
        """The event type of a stage; None if the stage has no event."""
        return self._by_stage.get(stage)

    def named(self, word: str) -> EventType | None:
        """The event type with a name. For a topic, its type with `x-usual`, else its first one."""
        if word in self.types:
            return self.types[word]
        of_topic = [event for event in self.types.values() if event.topic == word]
        return next((event for event in of_topic if event.is_usual), next(iter(of_topic), None))


def read_events(
    document: Document, schemas: Schemas, lifecycle: Lifecycle, formats: Mapping[str, Format]
) -> EventTypes:
    """Read the event types of a document. Raises `FileError` if stages and events do not match."""
    types: dict[str, EventType] = {}
    for name, content in document.raw["webhooks"].items():
        event = EventType(name, content, schemas, formats)
        if event.stage and event.stage not in lifecycle.stages:
            raise document.fault(("webhooks", name, "x-stage"), f"there is no stage {event.stage!r}")
        types[name] = event
    for stage in lifecycle.stages.values():
        if stage.event and (stage.event not in types or types[stage.event].stage != stage.name):
            at = ("x-lifecycle", "stages", stage.name, "event")
            raise document.fault(at, f"no webhook is described for the event {stage.event!r} of this stage")
    return EventTypes(types)
