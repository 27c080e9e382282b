"""What finance asks: sums, terms of payment."""
