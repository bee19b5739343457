"""The outgoing API, a file a group of calls; each takes the client as its first argument."""
