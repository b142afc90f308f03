"""`python -m mock_sent` is `mock-sent`."""

from mock_sent.cli import main

main()
