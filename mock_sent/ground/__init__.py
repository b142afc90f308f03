"""The modules that all others use: errors, the clock, plain data, and readers for the JSON and YAML of users."""
