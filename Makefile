# `make` prints this help. `make up` and `make test` are the two commands that a newcomer needs.
