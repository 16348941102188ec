"""The peers around the Server: nameserver, proxy, hostile and faulty peers, and the certificates that they present."""
