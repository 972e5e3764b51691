"""Who runs the destination: headquarters, ultimate parent, authorisations and standards in force at a day."""
