"""How one operation runs: admission, deadline, coalescing, execution, response cache."""
