"""What a client does wrong although every answer said yes, and whether a server does what the statements say."""
