"""Variables that orchestrators set by themselves beside a Service or a link whose name begins with ours."""

import re

# Kubernetes: MOCK_SENT_SERVICE_HOST, MOCK_SENT_DEV_PORT_4010_TCP_ADDR. Links of containers: MOCK_SENT_NAME,
# MOCK_SENT_ENV_*.
_NAME = re.compile(
    r"MOCK_SENT(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
    r"|MOCK_SENT_NAME|MOCK_SENT_ENV_.*",
    re.DOTALL,
)
_PORT = re.compile(r"MOCK_SENT(_[A-Z0-9_]+)?_PORT")
_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def is_injected(name: str, value: str) -> bool:
    """Whether nobody of ours has set the variable: its name is an orchestrator's, or it is a port with an address."""
    return bool(_NAME.fullmatch(name) or (_PORT.fullmatch(name) and _ADDRESS.match(value)))
