"""The cards of the start page: how each part of the server stands, in a word and a sentence.

A part adds a file with a function and a line in `all_cards.py`.
"""
