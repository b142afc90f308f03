"""Loads what a run of pytester must not load for the first time.

httpx2 loads httpcore2 with its first client. Inside a run of pytester that would be a copy that leaves with the run;
its errors are not those of the next copy, and later tests would not know them.
"""

import httpx2

httpx2.Client().close()
