"""What a phone number tells about its owner."""

from functools import lru_cache
from typing import NamedTuple

from mock_sent.ground.clock import uuid_for

# CLDR's code for the whole world: numbers that belong to no country, or to none that is known.
NOWHERE = "001"


class Contact(NamedTuple):
    """A recipient. The id is the same in every run."""

    id: str
    international: str
    region: str


# A client asks for the same message until it is delivered. Pure, so that no two mocks meet in it.
@lru_cache(maxsize=1024)
def contact_of(number: str) -> Contact:
    """The contact of a number in E.164 format."""
    import phonenumbers  # heavy, and only a read needs it

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return Contact(uuid_for("contact", number), number, NOWHERE)
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    region = phonenumbers.region_code_for_number(parsed)
    if region is None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return Contact(uuid_for("contact", number), international, NOWHERE if region == "ZZ" else region)
