"""One rule per file. Their order stands in `token_request.py` and `authorization_request.py`."""
