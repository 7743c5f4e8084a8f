"""System calls that a reader of papers never needs, refused by seccomp.

libseccomp (LGPL, a library of the system, asked for nothing but names and the filter) knows the numbers of the calls
on every architecture. Calls by the numbers of another architecture end the process.
"""

import ctypes
import errno
import os
from collections.abc import Iterable
from functools import cache

_LIBRARY = "libseccomp.so.2"
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
"""With the number of an error in its lower half."""
_NOT_EQUAL, _EQUAL_MASKED = 1, 7
_UNKNOWN = -1

_NETWORK = """
    socket socketcall bind connect listen accept accept4
"""
_PROGRAMS = """
    fork vfork execve execveat
"""
_OTHER_PROCESSES = """
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd
    pidfd_send_signal tkill migrate_pages move_pages
"""
_FILES = """
    creat truncate ftruncate fallocate mkdir mkdirat mknod mknodat rename renameat renameat2 link
    linkat symlink symlinkat unlink unlinkat rmdir chmod fchmod fchmodat fchmodat2 chown lchown
    fchown fchownat utime utimes futimesat utimensat setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr open_by_handle_at name_to_handle_at
"""
_MACHINE = """
    mount umount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick
    mount_setattr unshare setns swapon swapoff reboot kexec_load kexec_file_load init_module
    finit_module delete_module acct quotactl quotactl_fd syslog sethostname setdomainname
    settimeofday clock_settime clock_settime64 stime adjtimex clock_adjtime clock_adjtime64 iopl
    ioperm modify_ldt personality fanotify_init vhangup setuid setgid setreuid setregid setresuid
    setresgid setfsuid setfsgid setgroups capset
"""
_LEFT_BEHIND = """
    shmget shmat shmctl semget semctl semop semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink
    memfd_create memfd_secret add_key request_key keyctl
"""
"""What outlives its process, or holds memory that its limit does not count."""
_DOORS = """
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register lookup_dcookie
    process_mrelease map_shadow_stack
"""
"""Parts of the kernel where most of its holes have been."""
_REFUSED = " ".join((_NETWORK, _PROGRAMS, _OTHER_PROCESSES, _FILES, _MACHINE, _LEFT_BEHIND, _DOORS)).split()
_RECENT = {"setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
"""Calls that the library may not know yet, with their number, the same on every architecture."""
_ABSENT = ("clone3", "openat2")
"""Calls whose arguments a filter cannot see; told that there is no such call, libraries make the older one."""
_OWN_PROCESS_ALONE = ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
_NAMELESS_ALONE = ("prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")
"""Calls that name a process; 0 stands for the one that calls, and is allowed."""
_CLONE_THREAD = 0x00010000
_WRITING = ((os.O_ACCMODE, os.O_WRONLY), (os.O_ACCMODE, os.O_RDWR), (os.O_CREAT,) * 2, (os.O_TRUNC,) * 2)
"""Bits of the way in which a file is opened, and what they are when it is to be written."""


class _Comparison(ctypes.Structure):
    """`scmp_arg_cmp` of seccomp.h: an argument, how it is compared, and with what."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


@cache
def libseccomp() -> ctypes.CDLL:
    """Load libseccomp. Raises OSError where it is missing."""
    loaded = ctypes.CDLL(_LIBRARY)
    loaded.seccomp_init.restype = ctypes.c_void_p
    loaded.seccomp_init.argtypes = [ctypes.c_uint32]
    loaded.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_void_p,
    ]
    loaded.seccomp_load.argtypes = [ctypes.c_void_p]
    loaded.seccomp_release.argtypes = [ctypes.c_void_p]
    return loaded


class _Filter:
    """A filter that allows what it is not told to refuse."""

    def __init__(self) -> None:
        self._library = libseccomp()
        self._filter = self._library.seccomp_init(_ALLOW)
        if not self._filter:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    def refuse(self, names: Iterable[str], *when: _Comparison, error: int = errno.EPERM) -> None:
        """Let calls fail with an error, all of them or those whose arguments are as `when` says."""
        for name in names:
            number = self._number(name)
            if number != _UNKNOWN:
                conditions = (_Comparison * len(when))(*when)
                self._checked(
                    self._library.seccomp_rule_add_array(
                        self._filter, _REFUSE | error, number, len(when), conditions
                    )
                )

    def load(self) -> None:
        """Put the filter into force, for ever."""
        self._checked(self._library.seccomp_load(self._filter))

    def release(self) -> None:
        """Free its memory; a filter that is in force stays so."""
        self._library.seccomp_release(self._filter)

    def _number(self, name: str) -> int:
        number: int = self._library.seccomp_syscall_resolve_name(name.encode())
        return _RECENT.get(name, number) if number == _UNKNOWN else number

    @staticmethod
    def _checked(result: int) -> None:
        if result < 0:
            raise OSError(-result, os.strerror(-result))


def refuse_calls() -> None:
    """Refuse this process for ever network, programs, other processes, writing, and the rarer parts of the kernel.

    Raises OSError where libseccomp or the kernel's seccomp is not to be had.
    """
    rules = _Filter()
    try:
        rules.refuse([*_REFUSED, *_RECENT])
        rules.refuse(_ABSENT, error=errno.ENOSYS)
        rules.refuse(["clone"], _Comparison(0, _EQUAL_MASKED, _CLONE_THREAD, 0))
        rules.refuse(_OWN_PROCESS_ALONE, _Comparison(0, _NOT_EQUAL, os.getpid()))
        rules.refuse(_NAMELESS_ALONE, _Comparison(0, _NOT_EQUAL, 0))
        for mask, value in _WRITING:
            rules.refuse(["open"], _Comparison(1, _EQUAL_MASKED, mask, value))
            rules.refuse(["openat"], _Comparison(2, _EQUAL_MASKED, mask, value))
        rules.load()
    finally:
        rules.release()
