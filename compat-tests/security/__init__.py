"""What the security folders share: certificates, a broker with a listener for each way of TLS, and the cases."""
