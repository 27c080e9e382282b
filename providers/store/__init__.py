"""What every store of provider responses has in common, whether it is in Redis or in a file."""
