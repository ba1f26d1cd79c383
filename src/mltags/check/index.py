"""Asks an index for the pages of projects. This is the only module that uses a network, and only if a caller says so.

pip's configuration says where the index is and how to reach it. Credentials are sent to the origin for which they were configured and
to no other, wherever it redirects to. No message repeats them.
"""

from __future__ import annotations

import configparser
import importlib
import ipaddress
import netrc
import os
import queue
import ssl
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from .. import _local
from . import locks, pages, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import requests

    #: (scheme, host, port)
    Origin = tuple[str, str, int | None]

#: Largest page, after decompression. The largest of the public index have a third of this size.
MAX_PAGE = 40 << 20
#: Seconds for a whole page, and seconds for each answer unless pip's configuration says otherwise.
MAX_TIME = 60.0
TIMEOUT = 15.0
#: Pages at once.
WORKERS = 8
MAX_REDIRECTS = 5
_CHUNK = 1 << 14
_PORTS = {"http": 80, "https": 443}
_TYPES = ("application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html", "text/html")


# pip's configuration


def pip_files() -> list[str]:
    """The files of pip's configuration; later ones have precedence. Source: pip's documentation, topic configuration."""
    named = os.environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return []
    home = os.path.expanduser("~")
    if sys.platform == "win32":  # pragma: no cover -- a row of facts for another system
        shared = [os.path.join(os.environ.get("PROGRAMDATA", "C:\\ProgramData"), "pip", "pip.ini")]
        own = [os.path.join(home, "pip", "pip.ini"), os.path.join(os.environ.get("APPDATA", home), "pip", "pip.ini")]
    else:
        config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        folders = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
        mac = "/Library/Application Support"
        shared = [os.path.join(folder, "pip", "pip.conf") for folder in folders] + ["/etc/pip.conf"]
        own = [os.path.join(home, ".pip", "pip.conf"), os.path.join(config, "pip", "pip.conf")]
        if sys.platform == "darwin":  # pragma: no cover -- as above
            shared = [f"{mac}/pip/pip.conf"]
            own = [own[0], f"{home}{mac}/pip/pip.conf" if os.path.isdir(f"{home}{mac}/pip") else own[1]]
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    return [*shared, *own, os.path.join(sys.prefix, name), *([named] if named else [])]


def pip_settings() -> dict[str, str]:
    """Pip's settings for ``pip install``: names as in its files, such as ``index-url``.

    Raises:
        InvalidSubject: a file is not a configuration.
    """
    found: dict[str, str] = {}
    for path in pip_files():
        if not os.path.isfile(path):
            continue
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(locks.read_text(path, 1 << 20))
        except configparser.Error as problem:  # whose text may hold a secret
            locks.refuse(path, "pip's configuration", type(problem).__name__)
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {name.replace("_", "-").removeprefix("--"): value for name, value in parser.items(section)}
    for name, value in os.environ.items():
        if name.startswith("PIP_") and value:
            found[name[4:].lower().replace("_", "-")] = value
    return found


# One index


def origin_of(url: str) -> Origin:
    """Scheme, host and port of *url*; ValueError if it is not a URL."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)


def _without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """*url* without its user information, and the user information."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, None
    if "@" not in parts.netloc:
        return url, None
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(name), unquote(password))


class _NoPageError(Exception):
    """A page is not available; the message says why, and holds no secret."""


@dataclass
class Index:
    """Where to find the pages of projects, and how to reach them.

    >>> import mltags.check
    >>> mltags.check.Index("https://user:secret@example.org/simple")
    <Index https://example.org/simple>

    * ``url``, ``extra``: the base URL of its pages, and those of further indexes whose files count as well, as with pip.
    * ``timeout``: seconds for an answer; ``proxy``, ``cert``, ``client_cert``: as pip's options; None: those of the environment.
    * ``trusted``: hosts (``HOST`` or ``HOST:PORT``) that need no certificate.
    * ``keyring``: whether the package ``keyring`` is asked if an index wants a password and none is known.

    Nothing is contacted before a page is needed.
    """

    __module__ = str(__package__)
    url: str
    extra: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    proxy: str | None = None
    cert: str | None = None
    client_cert: str | None = None
    trusted: frozenset[str] = frozenset()
    keyring: bool = True
    _memo: dict[str, pages.Files | _NoPageError] = field(default_factory=dict)
    #: What else to know, such as indexes that did not answer.
    notes: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<Index {self._shown()}>"

    def _shown(self) -> str:
        """Its URLs without secrets."""
        return " ".join([report.redact(_without_user(url)[0]) for url in (self.url, *self.extra)])

    @classmethod
    def of_pip(cls, index_url: str | None = None) -> Index:
        """The index that pip's configuration files and ``PIP_*`` variables name; *index_url* replaces it.

        Raises:
            InvalidSubject: the configuration cannot be read, or says that there is no index.
        """
        from pypi_simple import PYPI_SIMPLE_ENDPOINT

        known = pip_settings()
        if index_url is None and known.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
            locks.refuse("pip's configuration", "no-index", "is set; pass the URL of an index")
        extra = [] if index_url else known.get("extra-index-url", "").split()
        try:
            timeout = float(known.get("timeout", known.get("default-timeout", TIMEOUT)))
        except ValueError:
            locks.refuse("pip's configuration", "timeout", "expected a number of seconds")
        return cls(
            index_url or known.get("index-url") or PYPI_SIMPLE_ENDPOINT,
            tuple(extra),
            timeout=min(timeout, MAX_TIME) or TIMEOUT,
            proxy=known.get("proxy"),
            cert=known.get("cert"),
            client_cert=known.get("client-cert"),
            trusted=frozenset(known.get("trusted-host", "").lower().split()),
            keyring=known.get("keyring-provider", "auto") in {"auto", "import"},
        )

    def files(self, projects: Iterable[str], progress: Callable[[int, int], None] | None = None) -> dict[str, pages.Files]:
        """The files of each of *projects*, by normalized name; none for a project that the index does not have.

        Several pages are fetched at once. *progress* is called with (pages that are there, pages in total).

        Raises:
            InvalidSubject: no index has answered for a project, or a name is not the name of a project.
        """
        wanted = list(dict.fromkeys([locks.project_name(project) for project in projects]))
        urls = dict.fromkeys((self.url, *self.extra))
        asked = [(project, url) for project in wanted if project not in self._memo for url in urls]
        answers: dict[str, dict[str, pages.Files | _NoPageError]] = {project: {} for project, _ in asked}
        with warnings.catch_warnings():  # about hosts without a certificate, which the user has declared as trusted
            warnings.simplefilter("ignore")
            for done, (project, url, answer) in enumerate(self._ask(asked), 1):
                if isinstance(answer, _NoPageError) and self.extra:
                    self._note(f"{report.redact(_without_user(url)[0])}: {answer}")
                answers[project][url] = answer
                if progress:
                    progress(done, len(asked))
        for project, by_url in answers.items():
            found = [by_url[url] for url in urls]
            failures = [answer for answer in found if isinstance(answer, _NoPageError)]
            files = [file for answer in found if not isinstance(answer, _NoPageError) for file in answer]
            self._memo[project] = failures[0] if len(failures) == len(found) else _merged(files)
        known = {}
        for project in wanted:
            answer = self._memo[project]
            if isinstance(answer, _NoPageError):
                locks.refuse(project, self._shown(), str(answer))
            known[project] = answer
        return known

    def project_files(self, project: str, progress: Callable[[int, int], None] | None = None) -> pages.Files:
        """The files of one project, including yanked ones.

        Raises:
            InvalidSubject: as :meth:`files`; or there are no wheels and no source distributions, or all are yanked.
        """
        name = locks.project_name(project)
        files = self.files([name], progress)[name]
        own = [file for file in files if pages.project_of(file.name) == name]
        if not own:
            locks.refuse(name, self._shown(), "no wheels and no source distributions of it there")
        if all(file.yanked for file in own):
            locks.refuse(name, self._shown(), "all its files there are yanked")
        return files

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _ask(self, asked: list[tuple[str, str]]) -> Iterator[tuple[str, str, pages.Files | _NoPageError]]:
        """The answers, as they arrive. Threads fetch pages; they are parsed here."""
        readers = {url: _Reader(self, url) for _, url in asked}
        tasks: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        texts: queue.Queue[tuple[tuple[str, str], str | _NoPageError]] = queue.Queue(WORKERS)  # few wait to be read
        for task in asked:
            tasks.put(task)
        # Daemons, so that the process can end: a hostile server may send a byte now and then forever.
        for _ in range(min(WORKERS, len(asked))):
            threading.Thread(target=_work, args=(readers, tasks, texts), name="mltags-index", daemon=True).start()
        left = dict.fromkeys(asked)
        try:
            while left:
                (project, url), text = texts.get(timeout=MAX_TIME + 2 * self.timeout)
                del left[project, url]
                yield project, url, text if isinstance(text, _NoPageError) else _read_page(text, project)
        except queue.Empty:
            for project, url in left:
                yield project, url, _NoPageError(f"its page takes longer than {MAX_TIME:g} s")
        finally:
            while not tasks.empty():
                tasks.get()
            for reader in readers.values():
                reader.close()


def _merged(files: pages.Files) -> pages.Files:
    """Each file once. If several indexes have a file of one name, the first counts, with the hashes of all."""
    found: dict[str, locks.File] = {}
    for file in files:
        known = found.setdefault(file.name, file)
        if known is not file:
            found[file.name] = replace(known, hashes=tuple(dict.fromkeys([*known.hashes, *file.hashes])))
    return list(found.values())


def _work(readers: dict[str, _Reader], tasks: queue.SimpleQueue[tuple[str, str]], texts: queue.Queue[Any]) -> None:
    """Fetch pages until no task is left."""
    while True:
        try:
            project, url = tasks.get_nowait()
        except queue.Empty:
            return
        try:
            found: str | _NoPageError = readers[url].page(project)
        except _NoPageError as problem:
            found = problem
        texts.put(((project, url), found))


def _read_page(text: str, project: str) -> pages.Files | _NoPageError:
    try:
        return pages.parse_page(text, project) if text else []
    except report.InvalidSubject as problem:
        return _NoPageError(f"{problem.part}: {problem.problem}")


class _Reader:
    """Fetches the pages of one index."""

    def __init__(self, index: Index, url: str) -> None:
        self.index = index
        try:
            self.url, self.auth = _without_user(url)
            self.origin = origin_of(self.url)
        except ValueError:
            self.url, self.auth, self.origin = "", None, ("", "", None)
        self.has_password = bool(self.auth and self.auth[1])
        self._session: requests.Session | None = None
        self._asked_keyring = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            self._session.close()

    def page(self, project: str) -> str:
        """The text of a project's page; empty if there is none."""
        if self.origin[0] == "file":
            return self._local_page(project)
        if self.origin[0] not in _PORTS or not self.origin[1]:
            raise _NoPageError("expected a URL that begins with https://, http:// or file://")
        if not self._is_secure(self.origin):
            raise _NoPageError("is neither https nor a trusted host; pip would ignore it")
        import requests

        with self._lock:
            if self._session is None:
                self._session = self._new_session()
        try:
            return self._fetch(self._session, f"{self.url.rstrip('/')}/{project}/")
        except requests.exceptions.Timeout as problem:
            raise _NoPageError(f"did not answer within {self.index.timeout:g} s") from problem
        except requests.exceptions.SSLError as problem:
            raise _NoPageError("its certificate is not trusted; pass the issuer's as pip's option cert") from problem
        except (requests.exceptions.RequestException, OSError, ValueError) as problem:  # whose texts may hold secrets
            raise _NoPageError(f"cannot be read ({type(problem).__name__})") from problem

    def _local_page(self, project: str) -> str:
        from urllib.request import url2pathname

        path = os.path.join(url2pathname(urlsplit(self.url).path), project, "index.html")
        return locks.read_text(path, MAX_PAGE) if os.path.isfile(path) else ""

    def _is_secure(self, origin: Origin) -> bool:
        """Whether pip would talk to *origin*: by https, or to this machine, or to a trusted host."""
        if origin[0] == "https" or self._is_trusted(origin) or origin[1] == "localhost":
            return True
        try:
            return ipaddress.ip_address(origin[1]).is_loopback
        except ValueError:
            return False

    def _is_trusted(self, origin: Origin) -> bool:
        host = f"[{origin[1]}]" if ":" in origin[1] else origin[1]
        return bool({host, f"{host}:{origin[2]}"} & self.index.trusted)

    def _fetch(self, session: requests.Session, url: str) -> str:
        """The text of a page, redirects followed one by one; credentials stay with the origin of the index."""
        end = time.monotonic() + MAX_TIME
        for _ in range(MAX_REDIRECTS + 1):
            origin = origin_of(url)
            if origin[0] not in _PORTS or not self._is_secure(origin):
                raise _NoPageError("redirects to a place that is neither https nor trusted")
            answer = self._get(session, url, origin)
            with answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if answer.status_code == HTTPStatus.NOT_FOUND:
                    return ""
                if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                    raise _NoPageError(f"wants other credentials (HTTP {answer.status_code})")
                if answer.status_code != HTTPStatus.OK:
                    raise _NoPageError(f"answers with HTTP {answer.status_code}")
                return self._read(answer, end)
        raise _NoPageError(f"redirects more than {MAX_REDIRECTS} times")

    def _get(self, session: requests.Session, url: str, origin: Origin) -> requests.Response:
        from pypi_simple import ACCEPT_JSON_PREFERRED
        from requests.utils import get_environ_proxies

        proxies = {"http": self.index.proxy, "https": self.index.proxy} if self.index.proxy else get_environ_proxies(url)
        is_own = origin == self.origin
        while True:
            auth = self._credentials() if is_own else None
            answer = session.get(
                url,
                headers={"Accept": ACCEPT_JSON_PREFERRED},
                auth=auth,
                timeout=self.index.timeout,
                verify=False if self._is_trusted(origin) else self._certificates(),
                cert=self.index.client_cert if is_own else None,
                proxies=proxies,
                stream=True,
                allow_redirects=False,
            )
            if answer.status_code != HTTPStatus.UNAUTHORIZED or not is_own or not self._knows_more(auth):
                return answer
            answer.close()

    def _new_session(self) -> requests.Session:
        """A session that uses nothing from the environment by itself: no netrc for other hosts, no cookies."""
        import requests
        from requests.adapters import HTTPAdapter

        class SystemCertificates(HTTPAdapter):
            """Also trusts the certificates that the system trusts, as pip does."""

            def init_poolmanager(self, *arguments: Any, **options: Any) -> Any:
                return super().init_poolmanager(*arguments, ssl_context=ssl.create_default_context(), **options)

        session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("https://", SystemCertificates(pool_maxsize=WORKERS))
        for host in self.index.trusted:  # with the plain adapter, which can be told to check nothing
            session.mount(f"https://{host}", HTTPAdapter(pool_maxsize=WORKERS))
        return session

    def _certificates(self) -> str | bool:
        known = (self.index.cert, os.environ.get("REQUESTS_CA_BUNDLE"), os.environ.get("CURL_CA_BUNDLE"))
        return next((path for path in known if path), True)

    def _credentials(self) -> tuple[str, str] | None:
        """User and password: those of the URL, or else those of netrc."""
        if self.has_password or self._asked_keyring:
            return self.auth
        found = _of_netrc(self.origin[1])
        return found if found and (self.auth is None or self.auth[0] == found[0]) else self.auth

    def _knows_more(self, used: tuple[str, str] | None) -> bool:
        """Whether there are credentials other than those *used*; asks the package keyring once, as pip does."""
        with self._lock:
            if not self._asked_keyring:
                self._asked_keyring = True
                self.auth = self._of_keyring() or used
            return self.auth != used

    def _of_keyring(self) -> tuple[str, str] | None:
        if not self.index.keyring:
            return None
        try:
            keyring: Any = importlib.import_module("keyring")

            for place in (self.url, urlsplit(self.url).netloc):
                found = keyring.get_credential(place, self.auth[0] if self.auth else None)
                if found is not None:
                    return found.username, found.password
        except Exception:  # keyring is not installed, or its backend failed
            return None
        return None

    def _read(self, answer: requests.Response, end: float) -> str:
        kind = answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
        if kind not in _TYPES:
            raise _NoPageError(f"answers with a page of type '{report.shown(kind, 60)}', not one of PEP 503 or PEP 691")
        data = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            data += chunk
            if len(data) > MAX_PAGE:
                raise _NoPageError(f"its page is larger than {MAX_PAGE >> 20} MiB")
            if time.monotonic() > end:
                raise _NoPageError(f"its page takes longer than {MAX_TIME:g} s")
        text = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
        if text.startswith("{") is not kind.endswith("json"):
            raise _NoPageError(f"says that its page is {kind}, and it is not")
        return text


def _of_netrc(host: str) -> tuple[str, str] | None:
    """User and password for *host* in the user's netrc file."""
    names = (
        [os.environ["NETRC"]] if "NETRC" in os.environ else [os.path.expanduser(f"~/{name}") for name in (".netrc", "_netrc")]
    )
    for name in names:
        try:
            _local.read_regular(name, 1)
            found = netrc.netrc(name).authenticators(host)
        except (OSError, netrc.NetrcParseError):
            continue
        if found:
            return found[0] or found[1] or "", found[2] or ""
    return None
