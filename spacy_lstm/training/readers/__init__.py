"""Readers of annotated texts: files in, records out, and a coded error where a file is wrong.

Nothing is imported here: NLTK takes seconds, and only those who read its corpora should wait.
"""
