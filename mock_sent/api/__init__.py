"""The data plane: everything under /v3."""
