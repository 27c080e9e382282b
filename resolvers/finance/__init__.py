"""What finance asks: sums of what was billed, conversion to another currency, terms of payment."""
