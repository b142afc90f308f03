"""What webhooks are told, as the document's `webhooks` say it: names, topics, and the payload of each event."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mock_sent.contract.document import Document
from mock_sent.contract.formats import Format
from mock_sent.contract.lifecycle import Lifecycle
from mock_sent.contract.projection import Projection, projection_of
from mock_sent.contract.schemas import Schemas


class EventType:
    """One event that webhooks are told of. `stage` is empty where it is no stage of a message."""

    def __init__(self, name: str, content: dict[str, Any], schemas: Schemas, formats: Mapping[str, Format]) -> None:
        self.name = name
        self.topic: str = content["x-topic"]
        self.stage: str = content.get("x-stage", "")
        # Whether a made-up event of its topic is one of these.
        self.is_usual: bool = content.get("x-usual", False)
        self._content, self._schemas, self._formats = content, schemas, formats

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the payload."""
        schema: dict[str, Any] = self._media["schema"]
        return schema

    @property
    def example(self) -> dict[str, Any]:
        """The documented payload."""
        example: dict[str, Any] = next(iter(self._media["examples"].values()))["value"]
        return example

    @cached_property
    def project(self) -> Projection:
        """Makes the payload of what is known of an event."""
        return projection_of(self._schemas, self.schema, self._formats, ("webhooks", self.name))

    @cached_property
    def _media(self) -> dict[str, Any]:
        body = self._schemas.document.follow(self._content["post"]["requestBody"])
        media: dict[str, Any] = body["content"]["application/json"]
        return media


class EventTypes:
    """The events of an edition, by name and by stage."""

    def __init__(self, types: Mapping[str, EventType]) -> None:
        self.types = types
        self._by_stage = {event.stage: event for event in types.values() if event.stage}
        # What a webhook can subscribe to.
        self.topics = tuple(dict.fromkeys(event.topic for event in types.values()))
        # The topic under which webhooks are told what becomes of messages.
        self.of_messages = next((event.topic for event in self._by_stage.values()), "")

    def of_stage(self, stage: str) -> EventType | None:
        """The event of a stage; None where webhooks are not told of it."""
        return self._by_stage.get(stage)

    def named(self, word: str) -> EventType | None:
        """The event of a name; of a topic, the one that the document marks as usual, else its first."""
        if word in self.types:
            return self.types[word]
        of_topic = [event for event in self.types.values() if event.topic == word]
        return next((event for event in of_topic if event.is_usual), next(iter(of_topic), None))


def read_events(
    document: Document, schemas: Schemas, lifecycle: Lifecycle, formats: Mapping[str, Format]
) -> EventTypes:
    """The events of a document. Raises `FileError` for one whose stage does not exist."""
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
