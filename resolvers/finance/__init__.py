"""What finance asks: sums of what was billed, and conversion to another currency."""
