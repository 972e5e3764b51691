"""A decision's inputs, said as widely as its verdicts allow."""
