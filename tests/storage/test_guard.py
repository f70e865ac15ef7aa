"""Which addresses are public, and what TLS sees of a connection that was redirected to an address."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cutfarm.errors import AssetRefused
from cutfarm.storage.fetch import Fetcher, FetchLimits
from cutfarm.storage.guard import FetchPolicy, is_public
from tests.storage.conftest import Web, serving


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "192.0.2.1",
        "192.168.1.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "168.63.129.16", "100.100.100.200",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
        "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "4000::1", "host", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_a_policy_trusts_a_host_at_its_port_alone() -> None:
    policy = FetchPolicy(allowed_hosts=frozenset({"store.internal:9000"}))
    assert policy.permits("Store.Internal", 9000, "10.0.0.1")
    assert not policy.permits("store.internal", 9001, "10.0.0.1")
    assert not policy.permits("other.internal", 9000, "10.0.0.1")
    assert policy.permits("other.example", 80, "8.8.8.8")


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate that signs itself for a DNS name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *plain) + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Secure:
    """A TLS server for `localhost`, and the names that its clients asked for."""

    def __init__(self, web: Web, pem: Path, names: list[str | None]) -> None:
        self.web, self.pem, self.names = web, pem, names


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    pem = certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(context) as web:
        web.answers["/a"] = lambda request: request.reply(200, b"secret")
        yield Secure(web, pem, names)


def read(url: str, to: Path) -> bytes:
    async def run() -> None:
        async with Fetcher(FetchPolicy(allow_private_network=True), FetchLimits(attempts=2)) as fetcher:
            await fetcher.file(url, to)

    asyncio.run(run())
    return to.read_bytes()


def test_host_sni_and_certificate_stay_the_urls(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.pem))
    assert read(f"https://localhost:{secure.web.port}/a", tmp_path / "a") == b"secret"
    assert secure.names == ["localhost"]
    assert secure.web.requests[0].headers["Host"] == f"localhost:{secure.web.port}"
    assert ip_address(secure.web.requests[0].client_address[0]).is_loopback


def test_a_certificate_for_another_name_is_refused_at_once(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.pem))
    with pytest.raises(AssetRefused, match="certificate is not valid"):
        read(f"https://127.0.0.1:{secure.web.port}/a", tmp_path / "a")
    assert secure.web.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Secure, tmp_path: Path) -> None:
    with pytest.raises(AssetRefused, match="certificate is not valid"):
        read(f"https://localhost:{secure.web.port}/a", tmp_path / "a")
