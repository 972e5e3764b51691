"""From a place in a decision diagram to the plainest facts that lead there, and to a case that ``policy test`` takes."""
