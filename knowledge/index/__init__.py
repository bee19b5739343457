"""The search index: in memory, one for each process, kept up with the database change by change.

`terms` splits texts, `lexical` matches them by words, `dense` by meaning, `collection` holds both for documents of any
kind, and `live` fills a collection with the policies of the database and what changes in them.
"""
