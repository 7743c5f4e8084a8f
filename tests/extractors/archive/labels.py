"""The labels of the shared archives: what each asks for, and where kanit answers otherwise on purpose."""

SOUND = frozenset({"accept", "benign", "benign-or-odd", "nested", "filename-encoding"})
"""Labels of archives that are walked; all other labels are to be refused."""

DISAGREEMENTS = {
    # Walked, against the label
    "compress/FuzzReader-enc.zip": "labelled after its members, which are damaged; the archive itself is sound",
    "libzip/firstsecond-split-deflated.zip": "labelled after its name; two members of one ordinary archive",
    # Refused, against the label
    "compress/readme.zip": "a byte after the declared comment; other trailing bytes are labelled junk",
    "compress/test-prefix.zip": "foreign bytes before and after, offsets not adjusted: readers look in two places",
    "libzip/empty-pkware.zip": "its member is encrypted",
    "libzip/extra_field_align_1-ef_ff.zip": "half an extra field; the same is labelled reject (extra3byte)",
    "libzip/extra_field_align_1-ff.zip": "half an extra field; the same is labelled reject (extra3byte)",
    "libzip/gap-replace.zip": "bytes of no record between members; the same is labelled inconsistent",
    "libzip/zip-in-archive-comment.zip": "a second archive in the comment; the same is labelled reject (zipinzip)",
    "tika/testZip_with_DataDescriptor.zip": "the end record does not point to the directory",
}
"""The archives for which kanit answers otherwise than their label, each with the reason."""
