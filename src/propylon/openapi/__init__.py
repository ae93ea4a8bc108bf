"""Reads OpenAPI documents: operations, scopes, mock answers. Pure."""
