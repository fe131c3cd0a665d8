"""Times workloads and prints one line of JSON for each, as src/harness.ts does for the JavaScript columns.

    python COLUMN.py [--only w1,w2] [--list] [--name NAME] [--budget MS] [--warm MS] [--reps MIN]
"""
import argparse
import gc
import json
import statistics
import sys
import time

OPERATIONS = dict(
    spawn_gather=100_000, spawn_taskgroup=100_000, yields=100_000, lock=10_000, semaphore=100_000,
    queue_pingpong=100_000, queue_fanout=100_000, event_broadcast=100_000, condition=20_000,
    seq_await=1_000_000, deep_await=1_000_000, timers=100_000, timeout_wrap=100_000, cancel=50_000,
    as_completed=10_000,
)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--name")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--budget", type=float, default=500, help="ms of timed runs after which none is begun")
    parser.add_argument("--warm", type=float, default=250, help="ms of warm-up runs")
    parser.add_argument("--reps", type=int, default=0, help="timed runs at the least; 0: by the length of the first")
    parser.add_argument("--uvloop", action="store_true")
    return parser.parse_args()


def check(condition, what):
    if not condition:
        raise AssertionError("benchmark check failed: " + what)


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def measure_time(once, given):
    first = spent = once()
    runs = 1
    while spent < given.warm and runs < 20:
        spent += once()
        runs += 1
    least = given.reps or (1 if first > 8000 else 2 if first > 1500 else 3)
    times, total = [], 0.0
    while len(times) < least or (total < given.budget and len(times) < 25):
        gc.collect()
        time_taken = once()
        times.append(time_taken)
        total += time_taken
    return dict(ms_best=min(times), ms_median=statistics.median(times), reps=len(times))


def main(column, workloads, run):
    """workloads: name -> coroutine function. run(function) runs it to completion in the column's event loop."""
    given = arguments()
    if given.list:
        print("\n".join(workloads))
        return
    failed = False
    for name in given.only.split(",") if given.only else list(workloads):
        line = dict(impl=given.name or column, workload=name)
        workload = workloads.get(name)

        def once():
            began = time.perf_counter()
            run(workload)
            return (time.perf_counter() - began) * 1000

        try:
            if workload is None:
                line["skip"] = "not implemented"
            elif name == "mem_parked":
                line.update(run(workload))
            elif name == "startup":
                run(workload)
                line["ok"] = True
            else:
                line.update(measure_time(once, given), ops=OPERATIONS[name])
        except Exception as error:
            line["error"] = f"{type(error).__name__}: {error}"
            failed = True
        print(json.dumps(line), flush=True)
    sys.exit(1 if failed else 0)
