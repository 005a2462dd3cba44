"""Runs a program on a pseudo-terminal and prints what it wrote as JSON: {"out", "code"}.

Takes JSON: {"words", "columns", "env" (null removes a variable), "keys": [[text to wait for, keys to send], ...]}.
"""
import fcntl, json, os, pty, select, struct, sys, termios, time

spec = json.loads(sys.argv[1])
env = {name: value for name, value in {**os.environ, **spec["env"]}.items() if value is not None}
read_end, write_end = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    # Waits until the window has its size.
    os.read(read_end, 1)
    os.execvpe(spec["words"][0], spec["words"], env)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, spec["columns"], 0, 0))
os.write(write_end, b"g")
out, keys, end = b"", spec["keys"], time.time() + 120
while time.time() < end:
    if keys and keys[0][0].encode() in out:
        os.write(terminal, keys.pop(0)[1].encode())
    if select.select([terminal], [], [], 0.02)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"out": out.decode("utf8", "replace"), "code": code}))
