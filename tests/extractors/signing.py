"""A certificate of our own making, and papers signed with it."""

import io
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

SIGNER = "ÖRNEK ELEKTRONİK MÜHÜR"


def signed(data: bytes, field: str = "Signature") -> bytes:
    """Return a PDF with an electronic signature of ours."""
    file = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name=field), signer=_signer(), output=file)
    return file.getvalue()


@cache
def _signer() -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    bundle = pkcs12.serialize_key_and_certificates(
        None, key, _certificate(key), None, serialization.NoEncryption()
    )
    return signers.SimpleSigner.load_pkcs12_data(bundle, [])


def _certificate(key: ec.EllipticCurvePrivateKey) -> certificates.Certificate:
    name = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, SIGNER)])
    now = datetime.now(UTC)
    usage = certificates.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = certificates.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=2))
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
