// Not to be served.
