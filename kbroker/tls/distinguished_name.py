"""A certificate's subject as text, as Java's X500Principal.getName() has it: RFC 2253, the last part first.

ACLs and super users name principals in this form, so every character of it matters:

- nine keywords; other types are numbers, and their values `#` and the value's DER in hexadecimal digits
- `,=+<>#;"\\` are escaped wherever they are, blanks at either end
"""

from kbroker.tls.der import OBJECT_IDENTIFIER, DerError, Element, element, oid_text

_KEYWORDS = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
}
# UTF8String, PrintableString, T61String, IA5String, GeneralString, BMPString: Java takes the bytes of all for UTF-8.
_TEXTS = {0x0C, 0x13, 0x14, 0x16, 0x1B, 0x1E}
_ESCAPED = ',=+<>#;"\\'
_TYPE_AND_VALUE = 2
_BLANKS = " \r"


def distinguished_name(name: bytes) -> str:
    """The text of a Name in DER. Raises DerError."""
    parts = list(element(name).children())
    return ",".join("+".join(map(_attribute, part.children())) for part in reversed(parts))


def _attribute(attribute: Element) -> str:
    parts = list(attribute.children())
    if len(parts) != _TYPE_AND_VALUE:
        raise DerError(f"an attribute of {len(parts)} parts")
    kind, value = parts
    oid = oid_text(kind.expect(OBJECT_IDENTIFIER).contents)
    keyword = _KEYWORDS.get(oid)
    if keyword is None or value.tag not in _TEXTS:
        return f"{keyword or oid}=#{value.encoded.hex()}"
    return f"{keyword}={_escape(value.contents.decode('utf-8', 'replace'))}"


def _escape(text: str) -> str:
    escaped = [f"\\{one}" if one in _ESCAPED else "\\00" if one == "\0" else one for one in text]
    leading = len(text) - len(text.lstrip(_BLANKS))
    trailing = len(text.rstrip(_BLANKS))
    for index, one in enumerate(text):
        if one in _BLANKS and (index < leading or index >= trailing):
            escaped[index] = f"\\{one}"
    return "".join(escaped)
