"""Files of many invoices or lines: made whole, then sent."""
