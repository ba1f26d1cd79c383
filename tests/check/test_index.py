"""An index, asked over the loopback: what pip's configuration says, what a server may do, and where credentials go."""

import base64
import contextlib
import http.server
import importlib.util
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import types
from typing import Any

import pytest

import mltags
from mltags.check import Index, InvalidSubject, Verdict, check, check_lock, index

LINUX = mltags.Target.of(python_version="3.11.4", implementation="cp", platform="manylinux_2_17_x86_64")
JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = "demo-1.0-py3-none-any.whl"


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: Any, tmp_path: Any) -> None:
    """No configuration of this machine, no proxy and no netrc."""
    for name in list(os.environ):
        if (
            name.startswith("PIP_")
            or name.lower().endswith("_proxy")
            or name in {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"}
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setitem(sys.modules, "keyring", None)


class Server:
    """An index made up: answers by path, and the requests that came."""

    def __init__(self, answer: Any) -> None:
        outer = self
        self.requests: list[Any] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, dict(self.headers)))
                with contextlib.suppress(ConnectionError):
                    answer(self)

            def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 -- its name there
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.url = f"http://{self.host}/simple"


@pytest.fixture
def serve() -> Any:
    """Start a server that answers so; an answer is (status, headers, body), or a function of the handler."""
    started = []

    def start(answer: Any) -> Any:
        def respond(handler: Any) -> None:
            made: Any = answer(handler) if callable(answer) else answer
            if made is None:
                return
            status, headers, body = made
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        started.append(Server(respond))
        return started[-1]

    yield start
    for server in started:
        server.http.shutdown()
        server.http.server_close()


def page(*files: Any, kind: Any = JSON) -> Any:
    table = {"meta": {"api-version": "1.0"}, "name": "demo", "files": [made_file(file) for file in files]}
    return 200, {"Content-Type": kind}, json.dumps(table).encode()


def made_file(file: Any) -> Any:
    name, more = file if isinstance(file, tuple) else (file, {})
    return {"filename": name, "url": name, "hashes": {"sha256": "00"}, **more}


def names(found: Any) -> Any:
    return {project: [file.name for file in files] for project, files in found.items()}


def failure(asked: Any, project: Any = "demo") -> Any:
    with pytest.raises(InvalidSubject) as caught:
        asked.files([project])
    assert caught.value.part == repr(asked)[len("<Index ") : -1]
    return f"{caught.value.text}: {caught.value.problem}"


class TestPages:
    """Pages of HTML and of JSON, several at once; a project that is not there has no files."""

    def test_json_and_html(self, serve: Any) -> None:
        link = f'<!DOCTYPE html><a href="../files/{WHEEL}#sha256=00" data-requires-python="&gt;=3.9" data-yanked="">x</a>'

        def answer(handler: Any) -> Any:
            return page(WHEEL) if "json" in handler.path else (200, {"Content-Type": "text/html; charset=utf-8"}, link.encode())

        server = serve(answer)
        found = Index(server.url + "/").files(["json", "html"])
        assert names(found) == {"json": [WHEEL], "html": [WHEEL]}
        assert (found["html"][0].requires_python, found["html"][0].yanked, found["html"][0].hashes) == (
            ">=3.9",
            True,
            ("sha256:00",),
        )
        assert sorted(path for path, _ in server.requests) == ["/simple/html/", "/simple/json/"]
        assert server.requests[0][1]["Accept"].startswith(JSON)

    def test_many_pages_with_progress_and_each_once(self, serve: Any) -> None:
        server = serve(page(WHEEL))
        seen = []
        asked = Index(server.url)
        projects = [f"demo{number}" for number in range(30)]
        found = asked.files([*projects, *projects], lambda done, total: seen.append((done, total)))
        assert list(found) == projects
        assert seen == [(done, 30) for done in range(1, 31)]
        assert asked.files(projects) == found
        assert len(server.requests) == 30

    def test_not_there(self, serve: Any) -> None:
        assert Index(serve((404, {}, b"")).url).files(["demo"]) == {"demo": []}

    def test_extra_indexes_add_their_files_and_one_may_fail(self, serve: Any) -> None:
        one, two, three = serve(page(WHEEL)), serve(page("demo-2.0-py3-none-any.whl")), serve((500, {}, b""))
        asked = Index(one.url, (two.url, three.url.replace("//", "//user:secret@")))
        assert sorted(names(asked.files(["demo", "other"]))["demo"]) == [WHEEL, "demo-2.0-py3-none-any.whl"]
        assert asked.notes == [f"{three.url}: answers with HTTP 500"]

    def test_a_file_of_several_indexes_counts_once(self, tmp_path: Any) -> None:
        """In the order of the indexes; any of its hashes may be pinned."""
        rows = (
            ["b-2", f"{WHEEL}#sha256=00", "demo-2.0-py3-none-any.whl"],
            [f"{WHEEL}#sha256=11", f"{WHEEL}#sha256=00", "demo-3.0.tar.gz"],
        )
        for number, names_ in enumerate(rows):
            (tmp_path / f"{number}/demo").mkdir(parents=True)
            (tmp_path / f"{number}/demo/index.html").write_text("".join([f'<a href="{name}">x</a>' for name in names_]))
        urls = [f"file://{tmp_path}/{number}" for number in (0, 1)]
        (first, second, third, fourth) = Index(urls[0], (urls[1], urls[0])).files(["demo"])["demo"]
        assert (first.name, first.hashes) == ("b-2", ())
        assert (second.name, second.hashes) == (WHEEL, ("sha256:00", "sha256:11"))
        assert [third.name, fourth.name] == ["demo-2.0-py3-none-any.whl", "demo-3.0.tar.gz"]
        for _ in range(20):
            found = Index(urls[1], (urls[0],)).files(["demo"])["demo"]
            assert [file.name for file in found] == [WHEEL, "demo-3.0.tar.gz", "b-2", "demo-2.0-py3-none-any.whl"]

    def test_folder_of_pages(self, tmp_path: Any) -> None:
        (tmp_path / "demo").mkdir()
        (tmp_path / "demo/index.html").write_text(f'<a href="{WHEEL}">x</a>')
        assert names(Index(f"file://{tmp_path}").files(["demo", "other"])) == {"demo": [WHEEL], "other": []}


class TestBadServers:
    """Each way to fail is said in plain words, and nothing hangs."""

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            pytest.param((500, {}, b""), "demo: answers with HTTP 500", id="error"),
            pytest.param(
                (200, {"Content-Type": "image/png"}, b"x"),
                "demo: answers with a page of type 'image/png', not one of PEP 503 or PEP 691",
                id="a picture",
            ),
            pytest.param(
                (200, {"Content-Type": JSON}, b"<a>"), f"demo: says that its page is {JSON}, and it is not", id="HTML as JSON"
            ),
            pytest.param(
                (200, {"Content-Type": "text/html"}, b"{}"),
                "demo: says that its page is text/html, and it is not",
                id="JSON as HTML",
            ),
            pytest.param(
                (200, {"Content-Type": "text/html"}, b"PK"),
                "demo: page: expected a page of HTML (PEP 503) or JSON (PEP 691)",
                id="a file as HTML",
            ),
            pytest.param((200, {"Content-Type": JSON}, b"{"), None, id="broken JSON"),
            pytest.param((302, {"Location": "/simple/x/"}, b""), "demo: redirects more than 5 times", id="circle"),
            pytest.param(
                (302, {"Location": "http://user:secret@example.org/"}, b""),
                "demo: redirects to a place that is neither https nor trusted",
                id="away",
            ),
            pytest.param(
                (302, {"Location": "file:///etc/passwd"}, b""),
                "demo: redirects to a place that is neither https nor trusted",
                id="to a file",
            ),
            pytest.param((302, {"Location": "http://[x/"}, b""), "demo: cannot be read (ValueError)", id="nowhere"),
        ],
    )
    def test_answers(self, serve: Any, answer: Any, problem: Any) -> None:
        said = failure(Index(serve(answer).url))
        assert said == problem or (problem is None and said.startswith("demo: JSON: Expecting property name"))

    def test_hangs(self, serve: Any) -> None:
        server = serve(lambda handler: time.sleep(3))
        start = time.monotonic()
        assert failure(Index(server.url, timeout=0.3)) == "demo: did not answer within 0.3 s"
        assert time.monotonic() - start < 2.5

    def test_slow_page(self, serve: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(index, "MAX_TIME", 0.5)

        def drip(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(60):
                    handler.wfile.write(b" " * 40_000)
                    time.sleep(0.05)

        assert failure(Index(serve(drip).url)) == "demo: its page takes longer than 0.5 s"

    def test_a_byte_now_and_then(self, serve: Any, monkeypatch: Any) -> None:
        """A read that never ends, though something always comes."""
        monkeypatch.setattr(index, "MAX_TIME", 0.5)

        def drip(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(40):
                    handler.wfile.write(b" ")
                    time.sleep(0.1)

        start = time.monotonic()
        assert failure(Index(serve(drip).url, timeout=0.5)) == "demo: its page takes longer than 0.5 s"
        assert time.monotonic() - start < 3

    def test_page_of_50_mb(self, serve: Any) -> None:
        def answer(handler: Any) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(50):
                    handler.wfile.write(b"<a>" + b" " * (1 << 20))

        assert failure(Index(serve(answer).url)) == "demo: its page is larger than 40 MiB"

    def test_nobody_there(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        assert failure(Index(f"http://127.0.0.1:{port}/simple")) == "demo: cannot be read (ConnectionError)"

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("http://user:secret@example.org/simple", "demo: is neither https nor a trusted host; pip would ignore it"),
            ("ftp://example.org/simple", "demo: expected a URL that begins with https://, http:// or file://"),
            ("https:///simple", "demo: expected a URL that begins with https://, http:// or file://"),
            ("simple", "demo: expected a URL that begins with https://, http:// or file://"),
            ("http://[x/simple", "demo: expected a URL that begins with https://, http:// or file://"),
        ],
    )
    def test_places_that_are_not_asked(self, url: Any, problem: Any) -> None:
        assert failure(Index(url)) == problem

    def test_what_is_asked_last_is_forgotten_where_the_caller_stops(self, serve: Any) -> None:
        def stop(*_: Any) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Index(serve(page(WHEEL)).url).files([f"demo{number}" for number in range(50)], stop)


def basic(user: Any, password: Any) -> Any:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def guarded(allowed: Any) -> Any:
    """Answers with a page who knows the password."""

    def answer(handler: Any) -> Any:
        if handler.headers.get("Authorization") == allowed:
            return page(WHEEL)
        return 401, {"WWW-Authenticate": "Basic"}, b""

    return answer


class TestCredentials:
    """Credentials go to the configured origin only, never across redirects, and no text repeats them."""

    def test_of_the_url(self, serve: Any) -> None:
        server = serve(guarded(basic("user", "sec/ret")))
        url = server.url.replace("//", "//user:sec%2Fret@")
        assert names(Index(url).files(["demo"])) == {"demo": [WHEEL]}
        assert repr(Index(url)) == f"<Index {server.url}>"

    def test_of_netrc(self, serve: Any, tmp_path: Any, monkeypatch: Any) -> None:
        server = serve(guarded(basic("me", "secret")))
        (tmp_path / "netrc").write_text("machine 127.0.0.1\nlogin me\npassword secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        assert names(Index(server.url).files(["demo"])) == {"demo": [WHEEL]}
        assert names(Index(server.url.replace("//", "//me@")).files(["demo"])) == {"demo": [WHEEL]}
        assert failure(Index(server.url.replace("//", "//you@"))) == "demo: wants other credentials (HTTP 401)"

    @pytest.mark.parametrize("text", ["machine 127.0.0.1\nlogin x y z\n", "machine example.org\nlogin me\npassword x\n"])
    def test_netrc_that_does_not_help(self, serve: Any, tmp_path: Any, text: Any) -> None:
        (tmp_path / ".netrc").write_text(text)
        assert failure(Index(serve(guarded("x")).url)) == "demo: wants other credentials (HTTP 401)"

    def test_of_keyring_where_one_is_wanted(self, serve: Any, monkeypatch: Any) -> None:
        server = serve(guarded(basic("ring", "secret")))
        asked = []

        def get_credential(place: Any, user: Any) -> Any:
            asked.append((place, user))
            return types.SimpleNamespace(username="ring", password="secret") if place == server.host else None

        monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_credential=get_credential))
        projects = [f"demo{number}" for number in range(5)]
        assert list(Index(server.url).files(projects)) == projects
        assert asked == [(server.url, None), (server.host, None)]
        assert failure(Index(server.url, keyring=False)) == "demo: wants other credentials (HTTP 401)"

    def test_keyring_that_knows_none(self, serve: Any, monkeypatch: Any) -> None:
        monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_credential=lambda *_: None))
        assert (
            failure(Index(serve(guarded("x")).url.replace("//", "//user:wrong@"))) == "demo: wants other credentials (HTTP 401)"
        )

    def test_not_across_redirects(self, serve: Any, tmp_path: Any) -> None:
        (tmp_path / ".netrc").write_text("default\nlogin me\npassword secret\n")
        other = serve(page(WHEEL))
        server = serve((302, {"Location": other.url, "Set-Cookie": "secret=1"}, b""))
        assert names(Index(server.url.replace("//", "//user:secret@")).files(["demo"])) == {"demo": [WHEEL]}
        assert "Authorization" in server.requests[0][1]
        assert not {"Authorization", "Cookie"} & set(other.requests[0][1])

    def test_along_redirects_at_home(self, serve: Any) -> None:
        def answer(handler: Any) -> Any:
            return page(WHEEL) if handler.path == "/there" else (301, {"Location": "/there"}, b"")

        server = serve(answer)
        Index(server.url.replace("//", "//user:secret@")).files(["demo"])
        assert [headers["Authorization"] for _, headers in server.requests] == [basic("user", "secret")] * 2


@pytest.fixture
def https(tmp_path: Any, serve: Any) -> Any:
    """A server with a certificate that nobody knows, and the path of that."""
    path = tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(tmp_path / "key.pem"), "-out", str(path)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs openssl, to make a certificate")
    server = serve(page(WHEEL))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, tmp_path / "key.pem")
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    return f"https://localhost:{server.http.server_port}/simple", str(path)


class TestCertificates:
    """Certificates, trusted hosts and proxies as in pip's configuration."""

    def test_unknown_certificate(self, https: Any) -> None:
        assert failure(Index(https[0])) == ("demo: its certificate is not trusted; pass the issuer's as pip's option cert")

    def test_known_certificate(self, https: Any, monkeypatch: Any) -> None:
        assert names(Index(https[0], cert=https[1]).files(["demo"])) == {"demo": [WHEEL]}
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", https[1])
        assert names(Index(https[0]).files(["demo"])) == {"demo": [WHEEL]}

    @pytest.mark.parametrize("port", ["", ":PORT"])
    def test_trusted_host(self, https: Any, port: Any) -> None:
        host = "localhost" + port.replace("PORT", https[0].split(":")[2].partition("/")[0])
        assert names(Index(https[0], trusted=frozenset([host])).files(["demo"])) == {"demo": [WHEEL]}

    def test_trusted_ipv6_host(self) -> None:
        reader = index._Reader(Index("http://[fe80::1]/simple", trusted=frozenset(["[fe80::1]"])), "http://[fe80::1]/simple")
        assert reader._is_secure(reader.origin)
        other = index._Reader(Index("http://[::1]/simple"), "http://[::1]/simple")
        assert (other._is_secure(other.origin), other._is_trusted(other.origin)) == (True, False)

    def test_proxy(self, serve: Any, monkeypatch: Any) -> None:
        proxy = serve(page(WHEEL))
        asked = Index("http://example.org/simple", proxy=f"http://{proxy.host}", trusted=frozenset(["example.org"]))
        assert names(asked.files(["demo"])) == {"demo": [WHEEL]}
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        Index("http://example.org/simple", trusted=frozenset(["example.org"])).files(["demo"])
        assert [path for path, _ in proxy.requests] == ["http://example.org/simple/demo/"] * 2


class TestConfiguration:
    """Where the index is and how it is reached: pip's files and variables, the nearer the stronger."""

    def test_files_and_variables(self, tmp_path: Any, monkeypatch: Any) -> None:
        monkeypatch.delenv("PIP_CONFIG_FILE")
        monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
        monkeypatch.setattr(sys, "prefix", str(tmp_path / "site"))
        for folder, text in {
            "etc/pip": "[global]\nindex-url = https://one.example.org\ntrusted_host = A b:1\n[install]\ntimeout = 5\n[x]\ny = 1",
            "home/pip": "[global]\nindex_url = https://two.example.org\nkeyring-provider = disabled\n",
            "site": "[global]\nextra-index-url =\n    https://three.example.org\n    https://u:p@four.example.org\n",
        }.items():
            (tmp_path / folder).mkdir(parents=True)
            (tmp_path / folder / "pip.conf").write_text(text)
        monkeypatch.setenv("PIP_CERT", "/cert")
        found = Index.of_pip()
        assert (found.url, found.extra) == (
            "https://two.example.org",
            ("https://three.example.org", "https://u:p@four.example.org"),
        )
        assert (found.timeout, found.cert, found.trusted, found.keyring) == (5.0, "/cert", frozenset(["a", "b:1"]), False)
        assert repr(found) == "<Index https://two.example.org https://three.example.org https://four.example.org>"
        own = tmp_path / "own.conf"
        own.write_text("[global]\nindex-url = https://five.example.org")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(own))
        assert Index.of_pip().url == "https://five.example.org"
        monkeypatch.setenv("PIP_INDEX_URL", "https://six.example.org")
        assert Index.of_pip().url == "https://six.example.org"
        assert (Index.of_pip("https://seven.example.org").url, Index.of_pip("https://seven.example.org").extra) == (
            "https://seven.example.org",
            (),
        )

    def test_nothing_configured_is_the_public_index(self) -> None:
        import pypi_simple

        assert Index.of_pip() == Index(pypi_simple.PYPI_SIMPLE_ENDPOINT)

    def test_no_index(self, monkeypatch: Any) -> None:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        with pytest.raises(InvalidSubject, match="no-index: is set; pass the URL of an index"):
            Index.of_pip()
        assert Index.of_pip("https://example.org").url == "https://example.org"

    def test_time_that_is_none(self, monkeypatch: Any) -> None:
        monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "soon")
        with pytest.raises(InvalidSubject, match="timeout: expected a number of seconds"):
            Index.of_pip()

    def test_file_that_is_no_configuration(self, monkeypatch: Any, tmp_path: Any) -> None:
        (tmp_path / "pip.conf").write_text("index-url = https://user:secret@example.org")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        with pytest.raises(InvalidSubject) as caught:
            Index.of_pip()
        assert caught.value.problem == "MissingSectionHeaderError"


class TestCheckWithAnIndex:
    """Projects, pins and newest versions, as pip would take them."""

    PAGE = (
        "demo-1.0-py3-none-any.whl",
        "demo-1.1-cp311-cp311-manylinux_2_17_x86_64.whl",
        "demo-1.1-py3-none-any.whl",
        ("demo-1.2-py3-none-any.whl", {"yanked": "broken"}),
        ("demo-1.3-py3-none-any.whl", {"requires-python": ">=3.12"}),
        "demo-1.4-cp311-cp311-manylinux_2_28_x86_64.whl",
        "demo-1.5rc1-py3-none-any.whl",
        "demo-1.0.tar.gz",
        "other-9.0-py3-none-any.whl",
        "demo-9.0.exe",
        "demo-9.0-py3.whl",
    )

    def test_project(self, serve: Any) -> None:
        report = check(None, {"there": LINUX}, project="Demo", index=Index(serve(page(*self.PAGE)).url))
        assert (report.kind, report.subject) == ("page", "demo")
        assert [row.wheel for row in report.rows] == ["demo-1.1-cp311-cp311-manylinux_2_17_x86_64.whl"]
        assert report.notes == ("passed over, malformed: demo-9.0-py3.whl",)

    def test_project_on_the_index_of_pip(self, serve: Any, monkeypatch: Any) -> None:
        monkeypatch.setenv("PIP_INDEX_URL", serve(page(*self.PAGE)).url)
        assert check(project="demo", targets={"there": LINUX}).rows[0].version == "1.1"

    def test_project_that_is_not_there_or_no_name(self, serve: Any) -> None:
        server = serve((404, {}, b""))
        with pytest.raises(InvalidSubject, match=f"'demo': {server.url}: no wheels and no source distributions of it there"):
            check(project="demo", index=server.url, targets={})
        with pytest.raises(InvalidSubject, match="project: not the name of a project"):
            check(project="../demo", index=server.url, targets={})
        with pytest.raises(InvalidSubject, match="project: not the name of a project"):
            Index(server.url).files(["../../etc"])

    def test_project_all_of_whose_files_are_yanked(self, serve: Any) -> None:
        server = serve(page(("demo-1.0-py3-none-any.whl", {"yanked": True}), ("demo-1.0.tar.gz", {"yanked": True})))
        with pytest.raises(InvalidSubject) as caught:
            check(project="demo", index=server.url, targets={})
        assert str(caught.value) == f"cannot check 'demo': {server.url}: all its files there are yanked"

    def test_what_other_pythons_take_needs_no_c_library(self, serve: Any) -> None:
        pure = ("demo-2.0-py3-none-any.whl", {"requires-python": ">=3.12"})
        yanked = ("demo-1.5-py3-none-any.whl", {"yanked": True})
        server = serve(page(pure, yanked, "demo-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"))
        targets = {"there": LINUX}
        for report in (
            check(project="demo", targets=targets, index=server.url),
            check_lock("demo", kind="requirements", targets=targets, index=server.url),
        ):
            assert str(report.columns[0].needs) == "glibc 2.28 (demo); no musl would do (demo)"
        report = check_lock("demo==2.0", kind="requirements", targets={"there": LINUX}, index=server.url)
        assert report.columns[0].needs is None
        report = check_lock("demo==1.5", kind="requirements", targets={"there": LINUX}, index=server.url)
        assert str(report.columns[0].needs) == "any glibc; any musl"

    @pytest.mark.parametrize(
        ("line", "verdict", "file", "text"),
        [
            ("demo==1.0", Verdict.WHEEL, "demo-1.0-py3-none-any.whl", "demo-1.0-py3-none-any.whl"),
            ("demo", Verdict.WHEEL, "demo-1.1-cp311-cp311-manylinux_2_17_x86_64.whl", None),
            ("demo==1.5rc1", Verdict.WHEEL, "demo-1.5rc1-py3-none-any.whl", None),
            ("demo>1.4", Verdict.WHEEL, "demo-1.5rc1-py3-none-any.whl", None),
            ("demo==1.2", Verdict.WHEEL, "demo-1.2-py3-none-any.whl", "demo-1.2-py3-none-any.whl; yanked"),
            ("demo==1.2,>1", Verdict.WHEEL, "demo-1.2-py3-none-any.whl", None),
            (
                "demo==1.3",
                Verdict.REFUSED,
                "",
                "needs Python >=3.12; the target has 3.11.4; newest version that would fit: 1.1",
            ),
            ("demo==7", Verdict.REFUSED, "", "there are no files of it; newest version that would fit: 1.1"),
            ("demo==1.1\ndemo<1.1", Verdict.REFUSED, "", "its requirements contradict one another: <1.1,==1.1"),
            ("demo==1.5rc1\ndemo>=1.4", Verdict.WHEEL, "demo-1.5rc1-py3-none-any.whl", None),
            (
                "demo==1.4",
                Verdict.REFUSED,
                "",
                (
                    "demo-1.4-cp311-cp311-manylinux_2_28_x86_64.whl: needs glibc 2.28 or newer (manylinux_2_28_x86_64); "
                    "the target has glibc 2.17 (declared); newest version that would fit: 1.1"
                ),
            ),
            (f"demo==1.0 --hash=sha256:{'1' * 64}", Verdict.REFUSED, "", "no file of 1.0 on the index has one of the hashes"),
            (f"demo --hash=sha256:{'1' * 64}", Verdict.REFUSED, "", "no file of it on the index has one of the hashes"),
            ("demo==1.0 --hash=sha256:00", Verdict.WHEEL, "demo-1.0-py3-none-any.whl", None),
        ],
    )
    def test_lines(self, serve: Any, line: Any, verdict: Any, file: Any, text: Any) -> None:
        report = check_lock(line, kind="requirements", targets={"there": LINUX}, index=serve(page(*self.PAGE)).url)
        row = report.rows[0]
        assert (row.verdict, row.wheel) == (verdict, file)
        assert text is None or row.text == text

    def test_of_a_range_files_that_were_yanked_do_not_count(self, serve: Any) -> None:
        server = serve(page(("demo-1.0-py3-none-any.whl", {"yanked": True})))
        for line, verdict in (("demo>=1", Verdict.REFUSED), ("demo==1.0", Verdict.WHEEL)):
            report = check_lock(line, kind="requirements", targets={"there": LINUX}, index=server.url)
            assert report.rows[0].verdict is verdict

    def test_the_index_is_asked_for_what_is_to_be_found_and_for_what_is_refused(self, serve: Any) -> None:
        server = serve(page("other-1.0-py3-none-any.whl"))
        lines = (
            "elsewhere @ https://example.org/elsewhere-1.0-py3-none-any.whl\nother==1.0\nsource @ git+https://example.org/x\n"
        )
        report = check_lock(lines, kind="requirements", targets={"there": LINUX}, index=server.url)
        assert [row.text for row in report.rows] == ["elsewhere-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl", "from git"]
        assert [path for path, _ in server.requests] == ["/simple/other/"]
        wheels = ("fits-1-py3-none-any.whl", "demo-1-cp39-cp39-win32.whl", "old-1-cp39-cp39-win32.whl")
        lock = "".join([
            f'[[package]]\nname = "{wheel.split("-")[0]}"\nversion = "1"\nwheels = [{{url = "{wheel}"}}]\n' for wheel in wheels
        ])  # fmt: skip
        lock += '[[package]]\nname = "source"\nversion = "1"\nsource = {git = "https://example.org/x"}\n'
        server = serve(page("demo-0.9-py3-none-any.whl", "old-2-cp39-cp39-win32.whl"))
        report = check_lock(f"version = 1\n{lock}", kind="uv.lock", targets={"there": LINUX}, index=server.url)
        assert sorted(path for path, _ in server.requests) == ["/simple/demo/", "/simple/old/"]
        assert {row.package: row.note for row in report.rows if row.note} == {
            "demo": "newest version that would fit: 0.9",
            "old": "no version on the index would fit",
        }

    def test_what_the_index_did_not_answer_is_a_note(self, serve: Any) -> None:
        good, bad = serve(page("demo-1.0-py3-none-any.whl")), serve((500, {}, b""))
        report = check(project="demo", index=Index(good.url, (bad.url,)), targets={"there": LINUX})
        assert (report.notes, bool(report)) == ((f"{bad.url}: answers with HTTP 500",), True)

    def test_files_for_other_pythons_do_not_count(self, serve: Any) -> None:
        newer = ("demo-3.0.tar.gz", {"requires-python": ">=3.13"})
        server = serve(page(newer, "demo-2.0.tar.gz", "demo-2.0-cp39-cp39-win32.whl", "demo-1.0-cp311-cp311-win_amd64.whl"))
        row = check(project="demo", index=server.url, targets={"there": LINUX}).rows[0]
        assert (row.verdict, row.sdist) == (Verdict.SDIST, "demo-2.0.tar.gz")
        assert row.text == (
            "demo-2.0-cp39-cp39-win32.whl: is built for CPython 3.9 only (ABI cp39); the target is CPython 3.11 (ABI cp311). "
            "Also, it is for Windows (win32); the target is Linux; it would be built from demo-2.0.tar.gz"
        )
        newer = ("demo-3.0-py3-none-any.whl", {"requires-python": ">=3.13"})
        server = serve(page(newer, "demo-1.0-cp311-cp311-win_amd64.whl"))
        row = check(project="demo", index=server.url, targets={"there": LINUX}).rows[0]
        assert row.text == "demo-1.0-cp311-cp311-win_amd64.whl: is for Windows (win_amd64); the target is Linux"

    def test_what_else_is_known_of_what_is_refused(self, serve: Any) -> None:
        """A marker that holds on some patch releases; the target does not name one."""
        wheel = 'wheels = [{url = "demo-1-cp39-cp39-win32.whl"}]'
        lock = f'[[package]]\nname = "demo"\nversion = "1"\n{wheel}\n[[package]]\nname = "root"\nversion = "1"\nsource = {{virtual = "."}}\n'
        lock += 'dependencies = [{name = "demo", marker = "python_full_version >= \'3.11.4\'"}]\n'
        target = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_17_x86_64")
        server = serve(page("demo-0.9-py3-none-any.whl"))
        report = check_lock(f"version = 1\n{lock}", kind="uv.lock", targets={"there": target}, index=server.url)
        assert report.rows[0].note == ("needed on some patch releases of Python 3.11 only; newest version that would fit: 0.9")

    def test_wheels_only(self, serve: Any) -> None:
        server = serve(page("demo-1.0-py3-none-any.whl", "demo-2.0.tar.gz"))
        assert check(project="demo", index=server.url, targets={"there": LINUX}).rows[0].sdist == "demo-2.0.tar.gz"
        report = check(project="demo", index=server.url, targets={"there": LINUX}, only_binary=True)
        assert report.rows[0].wheel == "demo-1.0-py3-none-any.whl"
        none = serve(page("demo-2.0.tar.gz"))
        report = check_lock("demo==2.0", kind="requirements", index=none.url, targets={"there": LINUX}, only_binary=True)
        assert (report.rows[0].verdict, bool(report)) == (Verdict.SDIST, False)
        assert report.rows[0].text == (
            "there are no wheels of it; it would be built from demo-2.0.tar.gz; no version on the index would fit"
        )

    def test_index_that_fails_where_newest_versions_are_asked(self, serve: Any) -> None:
        lock = '[[package]]\nname = "demo"\nversion = "1"\nwheels = [{url = "demo-1-cp39-cp39-win32.whl"}]'
        server = serve((500, {}, b""))
        report = check_lock(f"version = 1\n{lock}", kind="uv.lock", targets={"there": LINUX}, index=server.url)
        assert report.notes[-1] == f"no newest versions: cannot check 'demo': {server.url}: answers with HTTP 500"
        found = serve(page("demo-0.9-py3-none-any.whl"))
        report = check_lock(f"version = 1\n{lock}", kind="uv.lock", targets={"there": LINUX}, index=found.url)
        assert report.rows[0].note == "newest version that would fit: 0.9"
        nothing = serve((404, {}, b""))
        report = check_lock(f"version = 1\n{lock}", kind="uv.lock", targets={"there": LINUX}, index=nothing.url)
        assert report.rows[0].note == "no version on the index would fit"

    def test_patch_release_and_malformed_requires_python(self, serve: Any) -> None:
        vague = mltags.Target.of(python_version="3.11", implementation="cp", platform="manylinux_2_17_x86_64")
        server = serve(
            page(
                ("demo-1.0-py3-none-any.whl", {"requires-python": ">=x"}),
                ("demo-2.0-py3-none-any.whl", {"requires-python": ">=3.11.4"}),
            )
        )
        row = check(project="demo", index=server.url, targets={"there": vague}).rows[0]
        assert row.text == "demo-2.0-py3-none-any.whl; needs Python >=3.11.4; that depends on the patch release of 3.11"


@pytest.mark.real
class TestPypiserver:
    """A real index server, with basic authentication."""

    @pytest.fixture
    def url(self, tmp_path: Any) -> Any:
        # They are not imported: pypiserver changes how this process imports.
        for name in ("pypiserver", "passlib"):  # the second checks the passwords of the first
            if importlib.util.find_spec(name) is None:
                pytest.skip(f"needs {name}")
        (tmp_path / "files").mkdir()
        for name in ("demo-1.0-py3-none-any.whl", "demo-1.1-cp311-cp311-win32.whl", "demo-1.2.tar.gz"):
            (tmp_path / "files" / name).write_bytes(b"x")
        (tmp_path / "passwords").write_text("user:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")  # secret
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback"]
        command += ["-a", "list,download", "-P", str(tmp_path / "passwords"), str(tmp_path / "files")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield f"http://user:secret@127.0.0.1:{port}/simple"
            process.terminate()

    def test_project(self, url: Any) -> None:
        report = check(project="demo", index=url, targets={"there": LINUX})
        assert (report.rows[0].sdist, report.rows[0].hashes != ()) == ("demo-1.2.tar.gz", True)
        report = check(project="demo", index=url, targets={"there": LINUX}, only_binary=True)
        assert report.rows[0].wheel == "demo-1.0-py3-none-any.whl"
        assert failure(Index(url.replace("secret", "wrong"))) == "demo: wants other credentials (HTTP 403)"
