"""`python -m mock_sent` is `mock-sent`."""

from mock_sent.start import main

main()
