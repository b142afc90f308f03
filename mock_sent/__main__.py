"""`python -m mock_sent` is `mock-sent`."""

from mock_sent.command.start import main

main()
