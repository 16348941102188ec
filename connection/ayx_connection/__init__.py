"""How a script reaches Alteryx Server: address, settings, trust, proxies, OAuth2, ``connect()``."""
