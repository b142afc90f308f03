"""What the vendor's page shows, letter by letter: its seven responses in its order. `Empty` is an empty body."""

import json
from typing import Any

ACCEPTED = """
{
  "success": true,
  "data": {
    "status": "accepted",
    "body": "Hi John Doe, your order #12345 has been confirmed.",
    "template_id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
    "template_name": "order_confirmation",
    "recipients": [
      {
        "message_id": "8ba7b830-9dad-11d1-80b4-00c04fd430c8",
        "to": "+14155551234",
        "channel": "sms"
      },
      {
        "message_id": "8ba7b831-9dad-11d1-80b4-00c04fd430c8",
        "to": "+14155551234",
        "channel": "whatsapp"
      },
      {
        "message_id": "9ba7b840-9dad-11d1-80b4-00c04fd430c8",
        "to": "+14155555678",
        "channel": "sms"
      },
      {
        "message_id": "9ba7b841-9dad-11d1-80b4-00c04fd430c8",
        "to": "+14155555678",
        "channel": "whatsapp"
      }
    ]
  },
  "error": null,
  "meta": {
    "request_id": "req_7X9zKp2jDw",
    "timestamp": "2026-03-11T21:50:50.1796606+00:00",
    "version": "v3"
  }
}
"""
INVALID = """
{
  "success": false,
  "data": null,
  "error": {
    "code": "VALIDATION_004",
    "message": "Request validation failed",
    "details": {
      "to": [
        "'to' must contain at least one recipient"
      ],
      "template": [
        "'template' is required"
      ]
    },
    "doc_url": "https://docs.sent.dm/errors/VALIDATION_004"
  },
  "meta": {
    "request_id": "req_7X9zKp2jDw",
    "timestamp": "2026-03-11T21:50:50.1796657+00:00",
    "version": "v3"
  }
}
"""
NO_MONEY = """
{
  "success": false,
  "data": null,
  "error": {
    "code": "BUSINESS_003",
    "message": "Insufficient balance to send message.",
    "details": null,
    "doc_url": "https://docs.sent.dm/errors/BUSINESS_003"
  },
  "meta": {
    "request_id": "req_7X9zKp2jDw",
    "timestamp": "2026-03-11T21:50:50.1796669+00:00",
    "version": "v3"
  }
}
"""
NO_TEMPLATE = """
{
  "success": false,
  "data": null,
  "error": {
    "code": "RESOURCE_002",
    "message": "Template not found",
    "details": null,
    "doc_url": "https://docs.sent.dm/errors/RESOURCE_002"
  },
  "meta": {
    "request_id": "req_7X9zKp2jDw",
    "timestamp": "2026-03-11T21:50:50.1796664+00:00",
    "version": "v3"
  }
}
"""
NOT_QUEUED = """
{
  "success": false,
  "data": null,
  "error": {
    "code": "INTERNAL_001",
    "message": "Failed to queue message for processing.",
    "details": null,
    "doc_url": "https://docs.sent.dm/errors/INTERNAL_001"
  },
  "meta": {
    "request_id": "req_7X9zKp2jDw",
    "timestamp": "2026-03-11T21:50:50.1796687+00:00",
    "version": "v3"
  }
}
"""

# status -> (the example's name in the contract, its value)
RESPONSES: dict[str, tuple[str, Any]] = {
    "202": ("accepted", json.loads(ACCEPTED)),
    "400": ("validation_error", json.loads(INVALID)),
    "401": ("unauthorized", None),
    "402": ("insufficient_balance", json.loads(NO_MONEY)),
    "403": ("forbidden", None),
    "404": ("template_not_found", json.loads(NO_TEMPLATE)),
    "500": ("internal_error", json.loads(NOT_QUEUED)),
}

CURL = (
    'curl -X POST "https://api.sent.dm/v3/messages" \\\n'
    '  -H "Idempotency-Key: req_abc123_retry1" \\\n'
    '  -H "Content-Type: application/json" \\\n'
    """  -d '{
    "to": [
      "+14155551234",
      "+14155555678"
    ],
    "channel": [
      "sms",
      "whatsapp"
    ],
    "template": {
      "id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
      "name": "order_confirmation",
      "parameters": {
        "name": "John Doe",
        "order_id": "12345"
      }
    },
    "sandbox": false
  }'"""
)
REQUEST: Any = json.loads(CURL.partition("-d '")[2][:-1])
