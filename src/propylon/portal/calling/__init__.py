"""Calling an operation: the call console, code samples, Postman."""
