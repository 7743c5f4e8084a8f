"""The killable child in which untrusted bytes are parsed.

A damaged or hostile paper can make its parser hang, crash or eat all memory. Parsing runs in child processes
with limits on memory, processor and wall time, so that each of these is a result for one paper and the batch
goes on:

    ChildDied            timeout, memory or crash: the child was lost, or killed
     └─ ChildFailed      the function raised something that the extractors do not know: damage, or a bug

What the children cannot do: exceed the limits, write a byte to a file (RLIMIT_FSIZE; they can still create
empty files), leave processes of their own behind, leave core dumps, print to the program's standard streams.

Risks that remain:
- The limits contain accidents and bombs, not an attacker whose code runs in the child: system calls are not
  filtered; the network and reading files are not cut; results are pickled, so that such an attacker could
  answer with a pickle that runs code in the program.
- The number of processes of a child is not limited: RLIMIT_NPROC counts all processes of the user and does
  not bind root. A fork bomb is killed with its child when the child's time is over.
- The children drop the environment variables of the program, but the system still shows the environment that
  a process was started with (/proc/PID/environ).
- Memory is limited for each child by address space, not for all of them together.
"""

from extractors.sandbox.limits import SandboxLimits
from extractors.sandbox.pool import ChildDied, ChildFailed, Sandbox

__all__ = ["ChildDied", "ChildFailed", "Sandbox", "SandboxLimits"]
