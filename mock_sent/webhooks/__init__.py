"""Webhooks: who wants to hear of a message, where deliveries may go, how they are signed, tried and tried again.

For the tests of a receiver, `sign` makes a delivery's signature and `verify` judges one.
"""

from mock_sent.webhooks.signing import InvalidSignature, sign, verify

__all__ = ["InvalidSignature", "sign", "verify"]
