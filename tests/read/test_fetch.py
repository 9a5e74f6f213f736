"""Fetching against a server that is slow, endless, lying, or tries to lead us into the house."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import time
import tracemalloc
import zlib

import pytest

from events.errors import FetchError
from events.read.fetch import Fetcher, Limits, is_public, normal_address
from tests.hostile import hostile, reply, trickle

PAGE = b"<html><body><p>Greece and Turkey signed an accord.</p></body></html>"
QUICK = Limits(seconds=1.5, silence=0.6, size=200_000, redirects=3)


@pytest.fixture
def server():
    with hostile() as made:
        yield made


def fetcher(server, limits=QUICK, **kwargs) -> Fetcher:
    return Fetcher(limits=limits, allowed=server.allowed, **kwargs)


def refused(made: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        made.get(url)
    return caught.value


def test_a_page_comes_with_its_headers_and_final_address(server):
    server.answers["/a"] = reply(PAGE, Content_Type="text/html; charset=ISO-8859-7", ETag='"x"')
    found = fetcher(server).get(server.url("/a#top"))
    assert (found.status, found.body, found.charset, found.headers["etag"]) == (
        200,
        PAGE,
        "ISO-8859-7",
        '"x"',
    )
    assert found.url == server.url("/a")


def test_nothing_is_sent_that_could_tell_who_asks(server):
    server.answers["/a"] = reply(PAGE, status="302 Found", Location="/b", Set_Cookie="id=1; Path=/")
    server.answers["/b"] = reply(PAGE, Set_Cookie="id=2")
    made = fetcher(server)
    made.get(server.url("/a"))
    made.get(server.url("/b"))
    assert len(server.seen) == 3
    for head in server.seen:
        names = {line.partition(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names == {"host", "user-agent", "accept", "accept-language", "accept-encoding", "connection"}


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "203.0.113.9"),
        *("::1", "::", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1"),
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo, its client at 10.0.0.1
    ],
)
def test_no_address_of_the_house_is_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_internet_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_the_loopback_is_refused_however_it_is_written(server, host):
    server.answers["/"] = reply(PAGE)
    error = refused(Fetcher(limits=QUICK), f"http://{host}:{server.port}/")
    assert "private or reserved network" in error.message or "not known" in error.message
    assert not server.seen


def test_a_name_is_checked_by_what_it_resolves_to():
    made = Fetcher(limits=QUICK, resolve=lambda *_: ["93.184.215.14", "10.0.0.7"])
    error = refused(made, "http://news.example/a")
    assert "10.0.0.7" in error.message
    assert error.source == "http://news.example/a"
    assert not error.passing


def test_a_name_that_turns_to_the_house_after_the_check_gains_nothing(server):
    """Rebinding: each question to the resolver gets another answer; the connection goes where the check looked."""
    server.answers["/secret"] = reply(b"secret")
    asked = []

    def turning(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["203.0.113.200"]

    public = Fetcher(limits=QUICK, resolve=turning)
    with pytest.raises(FetchError, match="reserved network"):  # TEST-NET stands for a refused first answer
        public.get(server.url("/secret", host="news.example"))
    assert asked == ["news.example"]
    asked.clear()

    def allowed_first(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    made = Fetcher(limits=QUICK, allowed=server.allowed, resolve=allowed_first)
    assert made.get(server.url("/secret", host="news.example")).body == b"secret"
    assert asked == ["news.example"]  # one question for check and connection


def test_the_connection_goes_to_the_checked_address_and_the_name_to_the_server(server):
    server.answers["/a"] = reply(PAGE)
    made = Fetcher(limits=QUICK, allowed=server.allowed, resolve=lambda *_: ["127.0.0.1"])
    made.get(server.url("/a", host="News.Example"))
    assert f"Host: news.example:{server.port}" in server.seen[0]


def test_an_allowed_port_opens_no_other(server):
    made = Fetcher(limits=QUICK, allowed=[("127.0.0.1", server.port + 1 if server.port < 65_535 else 2000)])
    assert "private or reserved network" in refused(made, server.url("/")).message


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://10.0.0.1/", "private or reserved network"),
        ("http://169.254.169.254/latest/meta-data/", "private or reserved network"),
        ("//192.168.0.1/", "private or reserved network"),
        ("http://[::ffff:127.0.0.1]/", "private or reserved network"),
        ("file:///etc/passwd", "not followed"),
        ("ftp://example.org/a", "not followed"),
        ("gopher://127.0.0.1:25/_MAIL", "not followed"),
        ("javascript:alert(1)", "not followed"),
        ("http://user:secret@example.org/", "not followed"),
        ("http://example.org:25/", "not followed"),
        ("http://[broken/", "not followed"),
        ("", "redirected to nowhere"),
    ],
)
def test_each_redirect_is_checked_as_the_first_address(server, target, message):
    server.answers["/a"] = reply(status="302 Found", Location=target)
    assert message in refused(fetcher(server), server.url("/a")).message
    assert server.paths() == ["/a"]


def test_redirects_are_followed_to_their_end(server):
    server.answers["/a"] = reply(status="301 Moved", Location="b?x=1")
    server.answers["/b?x=1"] = reply(status="307 Temporary Redirect", Location=server.url("/c"))
    server.answers["/c"] = reply(PAGE)
    found = fetcher(server).get(server.url("/a"))
    assert (found.url, found.body) == (server.url("/c"), PAGE)


def test_a_circle_of_redirects_ends(server):
    server.answers["/a"] = reply(status="302 Found", Location="/b")
    server.answers["/b"] = reply(status="302 Found", Location="/a")
    assert "in a circle" in refused(fetcher(server), server.url("/a")).message
    assert server.paths() == ["/a", "/b"]


def test_a_chain_of_redirects_without_end_ends(server):
    for n in range(20):
        server.answers[f"/{n}"] = reply(status="302 Found", Location=f"/{n + 1}")
    assert "too often" in refused(fetcher(server), server.url("/0")).message
    assert len(server.seen) == QUICK.redirects + 1


# -- slow, endless, packed


@pytest.mark.parametrize(
    ("head", "piece", "pause"),
    [
        (b"", b"", 0.2),  # never a byte
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1),  # a header that never ends
        (b"HTTP/1.1 200 OK\r\n", b"x", 0.1),  # one letter at a time
        (b"HTTP/1.1 200 OK\r\n\r\n", b"a", 0.1),  # a body that never ends
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a", 0.1),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.1),
    ],
    ids=["silent", "headers", "letters", "body", "length", "chunks"],
)
def test_a_slow_server_is_left_in_time(server, head, piece, pause):
    server.answers["/slow"] = trickle(head, piece, pause)
    began = time.monotonic()
    error = refused(fetcher(server), server.url("/slow"))
    assert time.monotonic() - began < QUICK.seconds + 1
    assert "no answer came within 1.5 s" in error.message
    assert error.passing


def test_time_is_counted_over_all_redirects(server):
    for n in range(4):

        def late(connection: socket.socket, _: str, n: int = n) -> None:
            time.sleep(0.5)
            connection.sendall(reply(status="302 Found", Location=f"/{n + 1}"))

        server.answers[f"/{n}"] = late
    began = time.monotonic()
    assert "no answer came" in refused(fetcher(server), server.url("/0")).message
    assert time.monotonic() - began < QUICK.seconds + 1


def test_a_resolver_that_hangs_is_left_in_time():
    made = Fetcher(limits=QUICK, resolve=lambda *_: time.sleep(4) or [])
    began = time.monotonic()
    assert "no answer came" in refused(made, "http://news.example/").message
    assert time.monotonic() - began < QUICK.seconds + 1


def test_an_unknown_host_says_so():
    def unknown(*_: object) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    error = refused(Fetcher(limits=QUICK, resolve=unknown), "http://news.example/")
    assert "the host news.example is not known" in error.message
    assert error.passing


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_without_end_is_cut_by_its_size(server, chunked):
    def endless(connection: socket.socket, _: str) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n" if chunked else b"") + b"\r\n"
        )
        piece = b"a" * 50_000
        for _ in range(10_000):
            connection.sendall((b"%x\r\n%s\r\n" % (len(piece), piece)) if chunked else piece)

    server.answers["/endless"] = endless
    assert "larger than" in refused(fetcher(server), server.url("/endless")).message


def test_a_length_beyond_the_limit_is_refused_unread(server):
    server.answers["/big"] = reply(b"a", length=10**12)
    assert "larger than" in refused(fetcher(server), server.url("/big")).message


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_bomb_is_cut_while_it_unpacks(server, packing):
    zeros = b"\0" * 100_000_000
    packed = gzip.compress(zeros, 6) if packing == "gzip" else zlib.compress(zeros, 6)
    assert len(packed) < QUICK.size
    server.answers["/bomb"] = reply(packed, Content_Encoding=packing)
    tracemalloc.start()
    error = refused(fetcher(server), server.url("/bomb"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "packed or unpacked" in error.message
    assert most < 5_000_000


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("packing", "packed"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE[:10]) + gzip.compress(PAGE[10:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0\0"),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", bare(PAGE)),
        ("identity", PAGE),
    ],
)
def test_packed_pages_are_unpacked(server, packing, packed):
    server.answers["/a"] = reply(packed, Content_Encoding=packing)
    assert fetcher(server).get(server.url("/a")).body == PAGE


@pytest.mark.parametrize(
    ("packing", "body", "message"),
    [
        ("br", PAGE, "packs the page as 'br'"),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE)), "packs the page as 'gzip, gzip'"),
        ("gzip", PAGE, "packed wrongly"),
        ("gzip", gzip.compress(PAGE)[:-12], "breaks off"),
    ],
)
def test_a_page_packed_otherwise_or_wrongly_is_refused(server, packing, body, message):
    server.answers["/a"] = reply(body, Content_Encoding=packing)
    assert message in refused(fetcher(server), server.url("/a")).message


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 300_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_http_is_refused(server, answer):
    server.answers["/a"] = answer
    assert "try again later" in refused(fetcher(server), server.url("/a")).message


@pytest.mark.parametrize(
    ("status", "words", "passing"),
    [
        ("401 Unauthorized", "asks for a login", False),
        ("403 Forbidden", "refuses readers", False),
        ("404 Not Found", "there is no such page", False),
        ("410 Gone", "taken away", False),
        ("429 Too Many Requests", "asks for a pause", True),
        ("500 Oops", "server has an error", True),
        ("503 Service Unavailable", "server has an error", True),
        ("418 Teapot", "cannot be had", False),
        ("204 No Content", "cannot be had", False),
    ],
)
def test_an_error_of_the_server_says_what_to_do_and_whether_to_come_back(server, status, words, passing):
    server.answers["/a"] = reply(b"x", status=status, Retry_After="7")
    error = refused(fetcher(server), server.url("/a"))
    assert words in error.message
    assert f"HTTP {status[:3]}" in error.message
    assert (error.passing, error.status, error.retry_after) == (passing, int(status[:3]), "7")


def test_not_modified_is_an_answer(server):
    server.answers["/a"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    found = fetcher(server).get(server.url("/a"), headers={"If-None-Match": '"x"'})
    assert (found.status, found.body) == (304, b"")
    assert 'If-None-Match: "x"' in server.seen[0]


def test_nobody_listening_says_so():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = refused(Fetcher(limits=QUICK, allowed=[("127.0.0.1", port)]), f"http://127.0.0.1:{port}/")
    assert "refuses connections" in error.message


def test_a_secure_address_needs_a_secure_server(server):
    error = refused(fetcher(server), server.url("/").replace("http:", "https:"))
    assert "no secure connection" in error.message or "no answer came" in error.message


# -- addresses as text


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        (" https://example.org:443/a?b=c#d ", "https://example.org/a?b=c"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("https://bücher.example/straße?q=ä", "https://xn--bcher-kva.example/stra%C3%9Fe?q=%C3%A4"),
        ("https://example.org/a%20b?x=%26", "https://example.org/a%20b?x=%26"),
        ("https://example.org./a", "https://example.org/a"),
    ],
)
def test_addresses_have_one_form(given, normal):
    assert normal_address(given) == normal


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "example.org/a",
            "file:///etc/passwd",
            "ftp://example.org",
            "javascript:alert(1)",
            "data:text/html,x",
        ),
        *(
            "http://",
            "http:///a",
            "http://a b/",
            "http://exa\tmple.org",
            "http://example.org/\r\nX: y",
            "http://a\\b",
        ),
        *(
            "http://u:p@example.org/",
            "http://example.org:99999/",
            "http://example.org:22/",
            "http://[::1",
            "http://..../",
        ),
        "http://" + "a" * 5000,
    ],
)
def test_what_is_no_web_address_is_refused(given):
    with pytest.raises(FetchError):
        normal_address(given)
