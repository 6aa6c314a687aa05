"""Keeping what strangers ask within bounds."""
