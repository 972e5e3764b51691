"""Digests of official licence texts, each of :func:`weightgate.inspect.licenses.text.words_of`.

The texts lie in ``tests/inspect/license_texts``: those of the Free Software Foundation and CC0 as Debian ships them
(``/usr/share/common-licenses``), the others as the SPDX License List has them (spdx-license-list 6.12.0). Each counts whole,
and
up to "END OF TERMS AND CONDITIONS", with or without these words; CC BY also without what stands before and after it.
"""

from __future__ import annotations

DIGESTS = {
    "8b514f34e31862ca5206c53f314f781b2c03a025a8d03e275fbaf7e28efba887": "agpl-3.0",
    "aa2cbb25060954c945a7f223ee0084ddbf031838fec95a34b8b017fed631891a": "agpl-3.0",
    "7296f53c2fbaf48b5d7c8f013dbb9e58ff03b0e55803da0a1e6698b57868ee96": "agpl-3.0",
    "9328a282221d4465109732ef82e72e45d11e4bb350c9396883b313416118939e": "apache-2.0",
    "cff533f5668f9d5c2c908b8537f20f24d354fedf4c4f1f46cf4f72b316e77c2c": "apache-2.0",
    "5f7f22f5cab0bdc01b0b1f0adfe8f5011870e999993dc6d9e6064921709ac54b": "apache-2.0",
    "40a4428eeab840e339fe0f4b84a659ae3f13b1d7a9e38d5aa1680ca3ca3a3e86": "cc-by-4.0",
    "2b43817f1981e9ceee18f3f5d6d8fd9edce05c13af5ffbb369c69e9d77013139": "cc-by-4.0",
    "e8d9af146a19fa288beeac0c3f92469e330ce792e70f707392501bfb5df2f6d2": "cc-by-4.0",
    "8e425f334e71cb946d2ebd599a39bd63048512a7c210a65715a2ba3941295195": "cc-by-4.0",
    "6e25e2252af4c9468afdb0ac0ab85d88e6ebd0f5dc1d0c803e696dc61450f136": "cc-by-4.0",
    "a83267b03cb06d3ee8c8c3d1ae130169e4e84dd674f92a5b455b04eaf444821b": "cc0-1.0",
    "9f12e0f38845245b56f2ec31ed1dc68548e0b3476016ab44a44f3587790a81bb": "gpl-2.0",
    "fd809f3a3e138e7517a795941a4f995db4c78ed173fb4694c31b0c4a731ed2ef": "gpl-2.0",
    "499c582cafe7a13e138b6b2dfb9973be740dd9d90ddc3a52465a3979245c4d94": "gpl-2.0",
    "54525d383cf585164c1f5554331d7fd753bc8ca624ccc4eadc60ac318491ec05": "gpl-3.0",
    "3dbd1fb3cbdab580a0e25f50ea1bbd6ee5b1de0b33602cb26462bd7342b7c14a": "gpl-3.0",
    "4fbff4eff30b67c9563d52d67217c076487188a2718cfdd72f61c4d8a57636ba": "gpl-3.0",
    "0609b65a851c6bda25d78660c1f72620d2cf9247062f2db8fef6f0808b92bada": "lgpl-2.1",
    "b5b7f0e53b5d0cb31166db6eec298f0b28e1ec7da63eea32aec6d5e74df8b516": "lgpl-2.1",
    "3773d3be6d5130d78a60eac6755ad4c0a87ce0331a6efd7bcff0afdc72054d55": "lgpl-2.1",
    "3fd8c609ab9d50abd8cf8a51de58489cc08be69be96b0cae8e720ee4670ed12a": "lgpl-3.0",
    "a3c0ca65df3a95876d6ca4c89b8215f4dcf16b33ffb1d92949c62f088dc7d741": "mpl-2.0",
    "5066157c21f7325c4c1b7734a3683d01f0374ef45175264d7d17d53ef8a3b6ce": "unlicense",
}
"""Identifier of the licence by the SHA-256 of its text."""
