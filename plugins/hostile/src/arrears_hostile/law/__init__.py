"""Packs of rules that break what holds for rules of law, one in each package beside its cases."""
