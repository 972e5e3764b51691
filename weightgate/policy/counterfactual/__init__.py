"""What would make a decision another: the smallest changes of facts, and what stands in the way of a verdict."""
