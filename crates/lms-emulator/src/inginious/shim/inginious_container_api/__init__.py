"""Stands for the grading library of a container: the same function names, results kept in one JSON file."""
