"""The body of a send, as the vendor's page has it. The golden transcript sends it too."""

from typing import Any

PAGE_REQUEST: dict[str, Any] = {
    "to": ["+14155551234", "+14155555678"],
    "channel": ["sms", "whatsapp"],
    "template": {
        "id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
        "name": "order_confirmation",
        "parameters": {"name": "John Doe", "order_id": "12345"},
    },
    "sandbox": False,
}
