"""Keys, envelopes and statements: how anything is signed and verified here, whatever it says."""
