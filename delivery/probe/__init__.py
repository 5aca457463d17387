"""Trying a transport without mail: the steps of a session, their times, and what failures mean."""
