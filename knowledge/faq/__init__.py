"""Reviewed pairs of questions and an answer, which come before the documents."""
