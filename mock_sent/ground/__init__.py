"""What everything else stands on: errors, the clock, and readers of JSON and YAML that others wrote."""
