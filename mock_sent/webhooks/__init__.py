"""Webhooks: the subscriptions of an account, and signed deliveries with retries.

For the tests of a receiver, `sign` makes the signature of a delivery and `verify` checks one.
"""

from mock_sent.webhooks.signing import InvalidSignature, sign, verify

__all__ = ["InvalidSignature", "sign", "verify"]
