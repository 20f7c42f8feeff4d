"""GraphiQL: the page on which people try the API, built from its npm package into files of our own."""

from __future__ import annotations
