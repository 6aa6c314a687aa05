"""The site in a browser: Chromium over `bpsgraph serve`. `make browser-test` runs these, `make test` does not."""
