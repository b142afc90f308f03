"""The counter of the data plane: everything under /v3."""
