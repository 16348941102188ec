"""Call the token endpoint and the API with one Python library, and print what its user would see of a failure.

``python python_client.py LIBRARY https://host/webapi`` prints JSON: ``traceback`` as the interpreter shows it and
``message`` as a script logs it; neither if nothing failed. Runs on Python 2.7 and on every Python 3.
"""

# ruff: noqa: B006, BLE001, N818, T201, UP031
# It has to run on Python 2.7 as well, where there is nothing newer; and it shows whatever a library raises.

import json
import os
import sys
import traceback

LIMITS_S = (2.0, 3.0)


def environment(name):
    return os.environ.get(name)


FORM = {
    "grant_type": "client_credentials",
    "client_id": environment("ALTERYX_CLIENT_ID"),
    "client_secret": environment("ALTERYX_CLIENT_SECRET"),
}
BUNDLE = environment("ALTERYX_CA_BUNDLE")
PATIENT = bool(environment("CAPTURE_PATIENT"))
PATHS = ("v3/workflows", "v3/users")


class Seen(Exception):
    """Not a failure of the library: what a script prints of an answer that it did not expect."""


def with_requests(base):
    import requests

    limits = None if PATIENT else LIMITS_S
    verify = BUNDLE or True
    answer = requests.post(base + "/oauth2/token", data=FORM, timeout=limits, verify=verify)
    token = _requests_json(answer)["access_token"]
    for path in PATHS:
        headers = {"Authorization": "Bearer " + token}
        _requests_json(requests.get(base + "/" + path, headers=headers, timeout=limits, verify=verify))


def _requests_json(answer):
    if answer.status_code >= 400:
        PRINTED.append("%s %s\n%s" % (answer.status_code, answer.reason, answer.text[:600]))
    answer.raise_for_status()
    return answer.json()


def with_httpx(base):
    import ssl

    import httpx

    limits = None if PATIENT else httpx.Timeout(LIMITS_S[1], connect=LIMITS_S[0])
    context = ssl.create_default_context(cafile=BUNDLE)
    with httpx.Client(timeout=limits, verify=context) as client:
        token = _httpx_json(client.post(base + "/oauth2/token", data=FORM))["access_token"]
        for path in PATHS:
            _httpx_json(client.get(base + "/" + path, headers={"Authorization": "Bearer " + token}))


def _httpx_json(answer):
    if answer.status_code >= 300:
        PRINTED.append("%r %s" % (answer, answer.text[:600]))
    answer.raise_for_status()
    return answer.json()


def with_urllib(base):
    import ssl

    try:
        from urllib.parse import urlencode
        from urllib.request import Request, urlopen
    except ImportError:
        from urllib import urlencode

        from urllib2 import Request, urlopen
    context = ssl.create_default_context(cafile=BUNDLE)
    more = {} if PATIENT else {"timeout": LIMITS_S[1]}

    def ask(path, data=None, headers={}):
        request = Request(base + "/" + path, data, headers)
        return json.loads(urlopen(request, context=context, **more).read().decode("utf-8"))

    token = ask("oauth2/token", urlencode(FORM).encode("ascii"))["access_token"]
    for path in PATHS:
        ask(path, headers={"Authorization": "Bearer " + token})


def with_urllib3(base):
    import ssl

    import urllib3

    context = ssl.create_default_context(cafile=BUNDLE)
    limits = urllib3.Timeout(None) if PATIENT else urllib3.Timeout(connect=LIMITS_S[0], read=LIMITS_S[1])
    more = {"ssl_context": context, "timeout": limits, "retries": 1}
    proxy = environment("HTTPS_PROXY" if base.startswith("https:") else "HTTP_PROXY")
    pool = urllib3.ProxyManager(proxy, **more) if proxy else urllib3.PoolManager(**more)

    def ask(method, path, **more):
        answer = pool.request(method, base + "/" + path, **more)
        text = answer.data.decode("utf-8", "replace")
        if answer.status != 200:
            raise Seen("%s %s %s" % (answer.status, answer.reason, text[:600]))
        return json.loads(text)

    token = ask("POST", "oauth2/token", fields=FORM, encode_multipart=False)["access_token"]
    for path in PATHS:
        ask("GET", path, headers={"Authorization": "Bearer " + token})


def with_http_client(base):
    import http.client
    import ssl
    from urllib.parse import urlencode, urlsplit

    target = urlsplit(base)
    proxy = environment("HTTPS_PROXY" if target.scheme == "https" else "HTTP_PROXY")
    near = urlsplit(proxy) if proxy else target
    more = {} if PATIENT else {"timeout": LIMITS_S[1]}
    if target.scheme == "https":
        context = ssl.create_default_context(cafile=BUNDLE)
        connection = http.client.HTTPSConnection(near.hostname, near.port or 443, context=context, **more)
        if proxy:
            connection.set_tunnel(target.hostname, target.port or 443)
    else:
        connection = http.client.HTTPConnection(near.hostname, near.port or 80, **more)
    start = base if proxy and target.scheme == "http" else target.path

    def ask(method, path, body=None, headers={}):
        connection.request(method, start + "/" + path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status != 200:
            raise Seen("%s %s %s" % (answer.status, answer.reason, text[:600]))
        return json.loads(text)

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    token = ask("POST", "oauth2/token", urlencode(FORM), form)["access_token"]
    for path in PATHS:
        ask("GET", path, None, {"Authorization": "Bearer " + token})


def with_aiohttp(base):
    import asyncio
    import ssl

    import aiohttp

    names = dict(globals(), aiohttp=aiohttp, ssl=ssl)
    exec(ASYNC, names)
    asyncio.run(names["main"](base))


ASYNC = """
async def main(base):
    context = ssl.create_default_context(cafile=BUNDLE)
    limits = aiohttp.ClientTimeout(total=None if PATIENT else 4, sock_connect=None if PATIENT else 2)
    connector = aiohttp.TCPConnector(ssl=context)
    more = {"connector": connector, "timeout": limits, "trust_env": True, "raise_for_status": True}
    async with aiohttp.ClientSession(**more) as session:
        async with session.post(base + "/oauth2/token", data=FORM) as answer:
            token = (await answer.json())["access_token"]
        for path in PATHS:
            async with session.get(base + "/" + path, headers={"Authorization": "Bearer " + token}) as answer:
                await answer.json()
"""
ASYNC_HTTPX = """
async def main(base):
    context = ssl.create_default_context(cafile=BUNDLE)
    limits = None if PATIENT else httpx.Timeout(3.0, connect=2.0)
    async with httpx.AsyncClient(timeout=limits, verify=context) as client:
        token = _json(await client.post(base + "/oauth2/token", data=FORM))["access_token"]
        for path in PATHS:
            _json(await client.get(base + "/" + path, headers={"Authorization": "Bearer " + token}))
"""


def with_httpx_async(base):
    import asyncio
    import ssl

    import httpx

    names = dict(globals(), httpx=httpx, ssl=ssl, _json=_httpx_json)
    exec(ASYNC_HTTPX, names)
    asyncio.run(names["main"](base))


PRINTED = []
WITH = {
    "requests": with_requests,
    "httpx": with_httpx,
    "httpx_async": with_httpx_async,
    "urllib": with_urllib,
    "http_client": with_http_client,
    "urllib3": with_urllib3,
    "aiohttp": with_aiohttp,
}


def debug_log():
    """Return where everything that the libraries log is collected."""
    import io
    import logging

    log = io.StringIO()
    logging.basicConfig(level=logging.DEBUG, stream=log, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return log


def main():
    shown = {}
    log = debug_log() if environment("CAPTURE_DEBUG") else None
    try:
        WITH[sys.argv[1]](sys.argv[2].rstrip("/"))
    except Seen as seen:
        shown["message"] = str(seen)
    except Exception as error:
        shown["traceback"] = traceback.format_exc()
        shown["message"] = "%s: %s" % (type(error).__name__, error)
        if hasattr(error, "read") and type(error).__name__ == "HTTPError":
            shown["message"] += "\n" + error.read().decode("utf-8", "replace")[:600]
    if PRINTED:
        shown["message"] = PRINTED[-1]
    if log is not None:
        shown = {"traceback": log.getvalue() + shown["traceback"]} if "traceback" in shown else {}
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
