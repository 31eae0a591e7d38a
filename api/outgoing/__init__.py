"""Requests that the service sends to addresses which users gave it."""
