"""The site: linked data, SPARQL and pages over HTTP."""
