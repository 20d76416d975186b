"""timed.py OUTPUT COMMAND…: runs a command with its standard output in the file OUTPUT; prints wall and processor seconds and peak memory as JSON.

With /dev/stdout as OUTPUT the command's output comes first, on standard error, so that a person sees it.
"""

import json
import resource
import subprocess
import sys
import time

started = time.perf_counter()
if sys.argv[1] == "/dev/stdout":
    code = subprocess.run(sys.argv[2:], stdout=sys.stderr).returncode
else:
    with open(sys.argv[1], "wb") as output:
        code = subprocess.run(sys.argv[2:], stdout=output).returncode
wall = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"wall": wall, "processor": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1000}))
sys.exit(code)
