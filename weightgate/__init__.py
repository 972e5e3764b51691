"""May these model weights be hosted there? The public API comes with the decision engine."""
