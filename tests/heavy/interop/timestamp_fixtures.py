"""A timestamp authority: ``openssl ts`` behind a small HTTP server on this machine, which can also misbehave."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

REPLY = "application/timestamp-reply"
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
PEM = serialization.Encoding.PEM


@dataclass
class Authority:
    """A timestamp authority and its certificates.

    Attributes:
        folder: Its keys and files.
        root: The certificate that vouches for it.
        signer: Its own certificate.
        url: Where it answers.
        mode: What it does with a query; ``good``, or one of the ways to misbehave.
    """

    folder: Path
    root: x509.Certificate
    signer: x509.Certificate
    url: str = ""
    mode: str = "good"
    kept: list[bytes] = field(default_factory=list)

    def answer(self, query: bytes) -> bytes:
        """What ``openssl ts`` answers."""
        (self.folder / "query.tsq").write_bytes(query)
        done = subprocess.run(
            [
                "openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-signer", "signer.pem",
                "-inkey", "signer.key", "-out", "answer.tsr",
            ],
            cwd=self.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return (self.folder / "answer.tsr").read_bytes()


def named(common: str) -> x509.Name:
    """A name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certified(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    usage: x509.ObjectIdentifier | None,
) -> x509.Certificate:
    """A certificate: an authority's without a usage, else one for that usage alone."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(by, hashes.SHA256())


def make_authority(
    folder: Path, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
) -> Authority:
    """Make an authority's keys and certificates."""
    folder.mkdir()
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = certified("time root", root_key, "time root", root_key, None)
    signer = certified("time", key, "time root", root_key, usage)
    plain = serialization.NoEncryption()
    (folder / "signer.key").write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain))
    (folder / "signer.pem").write_bytes(signer.public_bytes(PEM))
    (folder / "root.pem").write_bytes(root.public_bytes(PEM))
    (folder / "serial").write_text("01\n", encoding="ascii")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder), encoding="utf-8")
    return Authority(folder, root, signer)


class Answering(BaseHTTPRequestHandler):
    """Answers timestamp queries as the authority's mode wants."""

    authority: Authority

    def do_POST(self) -> None:
        """Answer one query."""
        query = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/timestamp-query"
        kind, status, body = REPLY, 200, b""
        match self.authority.mode:
            case "good":
                body = self.authority.answer(query)
                self.authority.kept.append(body)
            case "refusing":
                body = self.authority.answer(query[:-3])
            case "another":
                body = self.authority.kept[-1]
            case "html":
                kind, body = "text/html", b"<p>hello"
            case "nonsense":
                body = b"\x30\x03nonsense"
            case "cut":
                body = self.authority.answer(query)[:-7]
            case "large":
                body = b"\x30" * 100_000
            case "down":
                status = 503
            case "dripping":
                self.send_response(200)
                self.send_header("Content-Type", REPLY)
                self.end_headers()
                for _ in range(200):
                    self.wfile.write(b"\x30")
                    self.wfile.flush()
                    time.sleep(0.1)
                return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """An authority that answers on this machine."""
    assert shutil.which("openssl"), "openssl is part of every Debian, and is not here"
    made = make_authority(tmp_path_factory.mktemp("tsa") / "tsa")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Answering,), {"authority": made}))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
