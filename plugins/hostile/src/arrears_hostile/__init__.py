"""Plugins that do what a plugin must not: one for each check of the conformance kit. None is ever enabled."""
