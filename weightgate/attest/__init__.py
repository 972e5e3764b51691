"""Signed attestations of decisions: keys, the DSSE envelope, the in-toto statement, verification and replay."""
