"""The killable child in which untrusted bytes are parsed.

A damaged or hostile paper can make its parser hang, crash or eat all memory. Parsing runs in child processes
with limits on memory, processor and wall time, so that each of these is a result for one paper and the batch
goes on:

    ChildDied            timeout, memory or crash: the child was lost, or killed
     └─ ChildFailed      the function raised something that the extractors do not know: damage, or a bug

What the children cannot do, anywhere: exceed the limits or lift them, write a byte to a file (RLIMIT_FSIZE), leave
processes of their own behind, leave core dumps, gain privileges, print to the program's standard streams, use its open
files and connections, see its environment, or make the program do anything but take data (`answers`).

What they cannot do where the kernel knows how (`confinement`; `Sandbox.walls` tells what stands, SandboxLimits requires
it): reach a network, start a process or program, create or change files, look into or signal other processes, read
devices or what is hidden from them (SandboxLimits).

Risks that remain, of an attacker whose code runs in a child:
- It can read all other files that the program's user can read, and papers of others that pass through the pool's pipes.
- It can answer falsely for the papers that it is given, and stop the pool.
- Calls that are not refused reach the kernel: the filter names what is refused, not what is allowed.
- Children of the start method "fork" are copies of the program, with what it has in memory.
- Memory is limited for each child by address space, not for all of them together.
"""

from extractors.sandbox.confinement import SandboxUnfit, Wall
from extractors.sandbox.limits import SandboxLimits
from extractors.sandbox.pool import ChildDied, ChildFailed, Sandbox

__all__ = ["ChildDied", "ChildFailed", "Sandbox", "SandboxLimits", "SandboxUnfit", "Wall"]
