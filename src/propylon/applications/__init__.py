"""Applications, clients and their credentials, service accounts, subscriptions."""
