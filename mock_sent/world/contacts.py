"""Contacts: the id, format and region of a recipient, derived from the phone number."""

from functools import lru_cache
from typing import NamedTuple

from mock_sent.ground.clock import uuid_for

# CLDR's code for the whole world: the region of a number without a known country.
NOWHERE = "001"


class Contact(NamedTuple):
    """A recipient. The id is the same in every run."""

    id: str
    international: str
    region: str


def contact_id(number: str) -> str:
    return uuid_for("contact", number)


# Cached, because a client reads the same message until it is delivered. The function is pure, so mocks can share it.
@lru_cache(maxsize=1024)
def contact_of(number: str) -> Contact:
    """The contact of a number in E.164 format."""
    import phonenumbers  # imported late: it is slow, and only reading a message needs it

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Contact(contact_id(number), number, NOWHERE)
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    region = phonenumbers.region_code_for_number(parsed)
    if region is None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return Contact(contact_id(number), international, NOWHERE if region == "ZZ" else region)
