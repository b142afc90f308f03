"""The signature: the documented vectors, and an independent implementation that agrees."""

import base64
import random

import pytest
from signatures import SECRET, independent

from mock_sent.webhooks import InvalidSignature, sign, verify
from mock_sent.webhooks.signing import key_of

ID, AT = "d4f5a6b7-c8d9-4e0f-a1b2-c3d4e5f6a7b8", 1_773_265_850
GENERATION_A = (
    b'{"field":"messages","payload":{"account_id":"550e8400-e29b-41d4-a716-446655440000",'
    b'"message_id":"8ba7b830-9dad-11d1-80b4-00c04fd430c8","message_status":"DELIVERED","channel":"sms",'
    b'"inbound_number":"+14155551234","outbound_number":"+14155550000",'
    b'"template_id":"7ba7b820-9dad-11d1-80b4-00c04fd430c8"},"timestamp":"2026-03-11T21:50:50Z"}'
)
GENERATION_B = (
    b'{"field":"message","sub_type":"message.delivered","timestamp":"2026-03-11T21:50:50Z","payload":'
    b'{"account_id":"550e8400-e29b-41d4-a716-446655440000","message_id":"8ba7b830-9dad-11d1-80b4-00c04fd430c8",'
    b'"message_status":"DELIVERED","channel":"sms","inbound_number":"+14155551234",'
    b'"outbound_number":"+14155550000","template_id":"7ba7b820-9dad-11d1-80b4-00c04fd430c8"}}'
)


def headers_of(signature: str, id: str = ID, at: int | str = AT) -> dict[str, str]:
    return {"x-webhook-id": id, "x-webhook-timestamp": str(at), "x-webhook-signature": signature}


@pytest.mark.parametrize(
    ("secret", "body", "signature"),
    [
        (SECRET, b'{"a":1}', "v1,Ai3c4RQAr0QUrGM8MTHKKVUekD5HkZK3pP1q3h7/6xM="),
        (SECRET, GENERATION_A, "v1,aNyQHU+MBVRdRIu1rhNFTaKbLimbxbe/Qx7h68dLk00="),
        (SECRET, GENERATION_B, "v1,dtYyiKeWg8WJbG2COZkTGMKLaUhD9vVIRgOh3jA1hZE="),
        ("whsec_a1b2c3d4e5f6g7h8i9j0", b'{"a":1}', "v1,/upXBb5IWqzecZVly+u5OId15+gx5T5mgwZYmrx3348="),
    ],
)
def test_vectors(secret: str, body: bytes, signature: str) -> None:
    """The documented bodies get the documented signatures (WEB-3)."""
    assert sign(secret, ID, AT, body) == signature
    verify(secret, headers_of(signature), body, now=AT)


def test_the_key_is_the_decoded_part() -> None:
    """A signature made with the text of the secret as key is refused: the commonest mistake (WEB-3)."""
    wrong = "v1,SAr+pxxIPnZg8jE2XjuRRZhsE0yIo35EClabZNfJ5pA="

    with pytest.raises(InvalidSignature, match="does not fit"):
        verify(SECRET, headers_of(wrong), b'{"a":1}', now=AT)


@pytest.mark.parametrize(("off", "good"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_tolerance(off: int, good: bool) -> None:
    """Three hundred seconds to either side are recent, one more is not (WEB-3)."""
    headers = headers_of(sign(SECRET, ID, AT, b"{}"))

    if good:
        verify(SECRET, headers, b"{}", now=AT + off)
    else:
        with pytest.raises(InvalidSignature, match="s off"):
            verify(SECRET, headers, b"{}", now=AT + off)


def test_now_is_the_machines_by_default() -> None:
    """A receiver's test that gives no time is judged by the machine's."""
    with pytest.raises(InvalidSignature, match="s off"):
        verify(SECRET, headers_of(sign(SECRET, ID, AT, b"{}")), b"{}")


def test_one_of_several() -> None:
    """Several signatures may stand in the header, as while a secret is rotated; names match in any case."""
    good = sign(SECRET, ID, AT, b"{}")
    headers = {name.title(): value for name, value in headers_of(f"v1,AAAA {good}").items()}

    verify(SECRET, headers, b"{}", now=AT)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"x-webhook-signature": ""}, "x-webhook-signature is missing"),
        ({"x-webhook-id": ""}, "x-webhook-id is missing"),
        ({"x-webhook-id": "é"}, "not ASCII"),
        ({"x-webhook-timestamp": "soon"}, "whole number"),
        ({"x-webhook-timestamp": "1e9"}, "whole number"),
        ({"x-webhook-timestamp": "9" * 5000}, "whole number"),
        ({"x-webhook-signature": "v1,é"}, "does not fit"),
        ({"x-webhook-signature": "v1"}, "does not fit"),
    ],
)
def test_malformed_headers(changes: dict[str, str], says: str) -> None:
    """Whatever stands in the headers, the answer is `InvalidSignature` with a reason."""
    headers = headers_of(sign(SECRET, ID, AT, b"{}")) | changes

    with pytest.raises(InvalidSignature, match=says):
        verify(SECRET, headers, b"{}", now=AT)


@pytest.mark.parametrize("secret", ["", "abc", "whsec_", "whsec_!!", "whsec_é", "AQID"])
def test_bad_secrets(secret: str) -> None:
    """A secret that cannot be one is told, not signed with."""
    with pytest.raises(ValueError, match=r"base64|no key"):
        key_of(secret)


def test_a_thousand_payloads() -> None:
    """What we sign verifies elsewhere, and no flipped bit of body, id, timestamp or signature does, here or there."""
    chance = random.Random(1)
    for _ in range(1_000):
        secret = "whsec_" + base64.b64encode(chance.randbytes(chance.randint(24, 64))).decode()
        body, id, at = chance.randbytes(chance.randint(0, 300)), f"{chance.getrandbits(128):032x}", AT
        signature = sign(secret, id, at, body)
        assert independent(secret, headers_of(signature, id, at), body, at)
        verify(secret, headers_of(signature, id, at), body, now=at)
        for part in range(4):
            parts = [body or b"x", id.encode(), str(at).encode(), signature.encode()]
            spoilt = bytearray(parts[part])
            spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
            parts[part] = bytes(spoilt)
            headers = headers_of(parts[3].decode("latin-1"), parts[1].decode("latin-1"), parts[2].decode("latin-1"))
            with pytest.raises(InvalidSignature):
                verify(secret, headers, parts[0] if part == 0 else body, now=at)
            if parts[2].isdigit():
                assert not independent(secret, headers, parts[0] if part == 0 else body, at)
