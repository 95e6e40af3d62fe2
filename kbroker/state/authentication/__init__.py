"""Who a client is: the SASL exchanges of each mechanism, and the order in which a connection goes through them."""
