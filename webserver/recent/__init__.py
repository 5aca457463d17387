"""What was asked for and answered lately, kept by edge processes in files that other processes read.

No database: a request that nobody looks at must cost next to nothing.
"""
