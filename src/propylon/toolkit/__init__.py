"""Certificates without openssl: read any file, say what it is, take it apart, put it together, try a connection.

It stands on pki and kernel alone and needs no server, no database and no Django: the command `propylon cert` and the
portal's page are two faces of it. Reading, facts and findings are pure; files, the clock and the network are touched by
`private_files`, `openssl_reader`, `bounded` and `connection*` only.
"""
