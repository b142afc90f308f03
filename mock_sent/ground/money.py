"""Money, counted in ten-thousandths, because the API shows prices with four decimals."""

Money = int
# Of money, in one of the currency.
UNITS = 10_000
