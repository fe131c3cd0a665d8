"""`python3 -m skein_oracle.serve`: one request a line on stdin, one answer a line on stdout.

Each program runs in a forked child, so that nothing of it is left in the next one.
"""

import json
import os
import sys

from . import imports, program


def in_child(request):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            text = program.answer(request)
        except BaseException as error:
            text = json.dumps({"driverError": repr(error)})
        with os.fdopen(writer, "w") as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    return text or json.dumps({"driverError": f"the program's process ended with status {status}"})


def serve():
    imports.CompiledModules().install()
    for line in sys.stdin:
        if line.strip():
            print(in_child(line), flush=True)


if __name__ == "__main__":
    serve()
