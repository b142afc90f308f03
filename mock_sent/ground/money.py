"""Money as an integer of ten-thousandths of the currency, because the API shows prices with four decimals."""

Money = int
# How many of them make one unit of the currency.
UNITS = 10_000
