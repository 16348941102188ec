"""What several entries share: systems, stand-ins for the reader's own, commands, and pages of the vendor."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COMMANDS", "SYSTEMS", "VENDOR_PAGES", "WORDS"]

#: Which systems a command is for, and how a page calls them.
SYSTEMS: Mapping[str, str] = {
    "any": "Anywhere",
    "windows": "Windows, in PowerShell",
    "posix": "Linux and macOS",
    "linux": "Linux",
    "macos": "macOS",
}

#: Words in commands that the reader replaces, and by what.
WORDS: Mapping[str, str] = {
    "HOST": "the Server's name",
    "PORT": "its port, usually 443",
    "ADDRESS": "its IP address",
    "URL": "the whole address in question",
    "PROXY": "host:port of the proxy",
    "PROXY_HOST": "the proxy's host",
    "PROXY_PORT": "the proxy's port",
    "KEY": "the API access key",
    "SECRET": "the API access secret",
    "TOKEN": "an access token",
    "FILE": "the file that the setting names",
    "GATEWAY": "the next router",
    "COMPANY": "a word from the authority's name",
    "PID": "the number of the script's process",
    "SERVERS_OWN_NAME": "the host name of the Server's base address",
    "MY_DOCUMENT": "the document that your client was made from",
    "OLD": "the document that your client was made from",
    "SCRIPTS": "the folder of your scripts",
}

#: Commands that several entries share, for which ``run`` may give the name alone.
COMMANDS: Mapping[str, str] = {
    "SHOW_CERTIFICATE": (
        "$c = [Net.Sockets.TcpClient]::new('HOST', PORT); "
        "$s = [Net.Security.SslStream]::new($c.GetStream(), $false, {$true}); $s.AuthenticateAsClient('HOST'); "
        "[Security.Cryptography.X509Certificates.X509Certificate2]$s.RemoteCertificate "
        "| Format-List Subject, Issuer, NotBefore, NotAfter, DnsNameList, EnhancedKeyUsageList, Thumbprint"
    ),
}

#: Pages of the vendor's documentation, by title.
VENDOR_PAGES: Mapping[str, str] = {
    "api_overview": "Alteryx Help: Alteryx Server API Overview",
    "api_configuration": "Alteryx Help: Server API Configuration and Authorization",
    "api_v3": "Alteryx Help: Alteryx Server API V3",
    "postman": "Alteryx Help: How to Use Postman",
    "ssl_tls": "Alteryx Help: Configure Server SSL/TLS",
    "best_practices": "Alteryx Help: Security Best Practices, Server Configuration",
    "kb_unauthorized": "Alteryx Community: Knowledge Base article 1002266",
}
