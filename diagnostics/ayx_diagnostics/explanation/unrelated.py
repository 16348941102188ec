"""What looks like a failure of an HTTP request and is none: told apart before anything is concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ayx_diagnostics.explanation.circumstances import NAMED_LIBRARIES, library_of
from ayx_diagnostics.explanation.exception_chain import ChainLink
from ayx_diagnostics.explanation.tables import AMBIGUOUS, NAMED, NUMBER, SENTENCE, SETTLED, compiled

__all__ = ["Trade"]

#: Programs and protocols whose errors use the same words, and the ports that they own.
_FOREIGN = (
    r"psycopg|pymysql|mysql|mariadb|postgres|odbc|oracledb|cx_oracle|\bora-\d{5}|sqlalchemy|sqlite|sqlstate|jdbc|mongo"
    r"|redis|memcache|kafka|rabbitmq|\bamqp|\bpika\.|paramiko|\bssh:|sshexception|smtplib|smtp|imaplib|ftplib|\bldap"
    r"|docker daemon|docker\.sock|kubelet|multiprocessing|concurrent\.futures|queue\.empty|selenium|playwright"
    r"|bluetooth|telnet|zookeeper|cassandra|celery|\bgrpc|operationalerror|programmingerror|integrityerror|deadlock"
    r"|sqlclient|sqlexception|\btcp provider|java\.rmi|futures timed out|attempting to bind on"
    # neither a time of day nor the octets of a fingerprint
    r"|(?:[a-z][\w-]{0,60}|\.\d{1,3}|\])(?<!:[0-9a-f]{2})"
    r":(?:5432|3306|6379|27017|1433|1521|9092|5672|22|25|587|389|636)\b(?!:[0-9a-f]{2}\b)"
)
#: The files of libraries that speak another protocol, or listen instead of connecting.
_FOREIGN_FILES = (
    r"(?:ftplib|smtplib|imaplib|poplib|nntplib|telnetlib|socketserver)\.py"
    r"|[/\\](?:paramiko|pymysql|psycopg2?|asyncpg|redis|kafka|pika|ldap3|pymongo|cassandra)[/\\]"
)
#: HTTP over a socket file of this machine: no network is in play, whichever library says it.
_LOCAL_HTTP = r"docker\.errors\.|https?\+(?:docker|unix)://"
#: What makes a text one of HTTP whatever else it names.
_HTTP = (
    r"requests\.exceptions|urllib3\.|\bhttpx\.|\bhttpcore\.|aiohttp\.client|urlopen error|https?connectionpool\("
    r"|^\d{3} [a-z][a-z ]{1,40}(?:$|[{<])|\bcurl: \(|\bhttp error \d{3}: |status code \d{3}\b|< http/"
    r"|badstatusline|connection aborted\.|<response \[\d{3}"
)
#: A stack that passes through none of these never touched the network for HTTP.
_NETWORK_CODE = (
    r"requests|urllib|httplib|httpx|httpcore|aiohttp|http/client|http\\client|ssl\.py|socket\.py|anyio|pip/_internal"
    r"|asyncio/(?:sslproto|selector_events|proactor_events)|botocore|websocket|oauthlib|authlib|msal|twisted|scrapy"
    r"|tornado|pycurl|google[/\\]auth|azure[/\\]core|ayx_|\bresp(?:onse)?\.|\.json\(\)|urlopen\("
)
#: The shape of an error message, as against prose.
_ERROR_SHAPE = (
    r"(?:error|exception|timeout|failure|failed|fatal|expired|disconnected|refused)\w{0,20}['\"]?(?: \w+){0,3} ?[:(\[]"
    r"|\b(?:errors?|exceptions?)\.\w{3,60}: |\bhttp error \d{3}|\[errno|\[winerror|\[ssl: |curl: \(|https?://|^\d{3} "
    r"|[\w.-]{2,80}:\d{2,5}\b|< http/|<title>"
)
_NETWORK_WORDS = r"http|url|socket|connect|proxy|ssl|tls|host|oauth|token|server|request|curl|dns|api\b"
_SOCKET_TIMEOUT = r"^(?:traceback[^\n]{0,40})?(?:[\w.]{0,40}\.)?(?:timeout|timeouterror): timed out$"


@dataclass(frozen=True, slots=True)
class Trade:
    """How much a chain has to do with HTTP requests.

    Attributes:
        foreign: It names another program or protocol, and no HTTP library.
        without_network: Its stack passed through no network code.
        library: It has the words or files of an HTTP library.
    """

    foreign: bool
    without_network: bool
    library: bool

    @classmethod
    def of(cls, chain: Sequence[ChainLink]) -> Trade:
        """Judge a chain as a whole."""
        message = " ".join(link.message for link in chain)
        frames = "\n".join(link.frames for link in chain)
        about_http = compiled(_HTTP).search(message) is not None
        named = library_of(chain)
        library = named is not None
        words = compiled(_FOREIGN).search(message) is not None
        files = named not in NAMED_LIBRARIES and compiled(_FOREIGN_FILES).search(frames) is not None
        foreign = compiled(_LOCAL_HTTP).search(message) is not None or (not about_http and (words or files))
        python = 'file "' in frames
        network = about_http or library or compiled(_NETWORK_CODE).search(frames) is not None
        return cls(foreign, python and not network, library)

    def admits(self, message: str, level: int, length: int) -> bool:
        """Tell whether an occurrence of a symptom in a message counts.

        Args:
            message: The message that holds it.
            level: Of the occurrence.
            length: Of the occurrence, in characters.
        """
        if self.foreign or self.without_network:
            return False
        if self.library:
            return True
        shaped = compiled(_ERROR_SHAPE).search(message) is not None
        share = length / max(1, len(message))
        if level == AMBIGUOUS:
            return (
                (shaped and compiled(_NETWORK_WORDS).search(message) is not None)
                or compiled(_SOCKET_TIMEOUT).match(message) is not None
                or (share >= _ALL_OF_A_MESSAGE and length >= _WHOLE_SENTENCE)
            )
        return shaped or share >= _SHARE_OF_A_MESSAGE[level]


#: So much of a message without an error's shape has to be the occurrence itself: prose says other things, too.
_SHARE_OF_A_MESSAGE = {SENTENCE: 0.2, NUMBER: 0.1, SETTLED: 0.1, NAMED: 0.0}
#: A sentence that many failures share is an error's by itself if there is hardly anything but the sentence.
_ALL_OF_A_MESSAGE, _WHOLE_SENTENCE = 0.8, 24
