"""Fixture ``ayx_simulator`` for the tests of scripts that call Alteryx Server."""
