"""TLS as Kafka's `ssl.…` settings describe it: keys and certificates from PEM, PKCS12 and JKS, contexts, principals.

Imported only when a listener, or a client of the command line, asks for TLS.
"""
