"""A data subject's requests: what is kept about a person (KVKK m.11), and its erasure (m.7).

Everything begins with a T.C. number. `mentions` finds the versions of applications that name it, `export` tells what is
kept of the person, with `masking` what is other people's left out, `evidence` takes the person's papers out of the
uploads, `erasing` destroys by the rules of `storage.retention` what nothing holds, and says what holds the rest;
`access` tells who opened anything of the person.
"""
