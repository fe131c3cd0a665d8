import { beforeAll, describe, expect, it } from "vitest"
import { createOracle, type Oracle, OracleError } from "../src/index.ts"
import { findPython } from "../src/native.ts"

const program = (...lines: ReadonlyArray<string>): string => ["import asyncio", ...lines].join("\n")

const backends = [
  { backend: "wasm" as const, missing: false },
  { backend: "native" as const, missing: findPython() === undefined }
]

for (const { backend, missing } of backends) {
  describe.skipIf(missing)(`CPython, ${backend}`, () => {
    let oracle: Oracle
    beforeAll(async () => {
      oracle = await createOracle({ backend })
    }, 60_000)

    it("is of version 3.13 or newer, and 3.14 in WebAssembly", () => {
      expect(oracle.run("").python).toMatch(backend === "wasm" ? /^3\.14\./ : /^3\.1[3-9]\./)
    })

    it("sleeps five virtual seconds at no cost", () => {
      const answer = oracle.run(program("asyncio.run(asyncio.sleep(5))"))
      expect(answer).toMatchObject({ ok: true, time: 5, stdout: "", exception: null, deadlock: false, exit: null })
      expect(answer.steps.map((step) => step.label)).toContain("wakeup Task-1")
    })

    it("shows the clocks of the time module in virtual time", () => {
      const answer = oracle.run(
        program(
          "import time",
          "async def main():",
          "    begin = time.monotonic(), time.perf_counter(), time.time()",
          "    await asyncio.sleep(3600)",
          "    time.sleep(0.5)",
          "    end = time.monotonic(), time.perf_counter(), time.time()",
          "    print([b - a for a, b in zip(begin, end)])",
          "asyncio.run(main())"
        )
      )
      expect(answer.stdout).toBe("[3600.5, 3600.5, 3600.5]\n")
    })

    it("says that a program waits for ever, after asyncio.run has cleaned up", () => {
      const answer = oracle.run(
        program(
          "async def main():",
          "    try:",
          "        await asyncio.Event().wait()",
          "    finally:",
          "        print('cleaned up')",
          "asyncio.run(main())"
        )
      )
      expect(answer).toMatchObject({ ok: false, deadlock: true, stdout: "cleaned up\n" })
      expect(answer.exception?.type).toBe("Deadlock")
    })

    it("gives exceptions with members, causes and contexts", () => {
      const answer = oracle.run(
        program(
          "async def fail(error): raise error",
          "async def main():",
          "    async with asyncio.TaskGroup() as group:",
          "        group.create_task(fail(ValueError('a')))",
          "        group.create_task(fail(KeyError('b')))",
          "try: asyncio.run(main())",
          "except ExceptionGroup as group: raise RuntimeError('outer') from group"
        )
      )
      expect(answer.ok).toBe(false)
      expect(answer.exception).toMatchObject({
        type: "RuntimeError",
        args: ["'outer'"],
        cause: { type: "ExceptionGroup", exceptions: [{ type: "ValueError", str: "a" }, { type: "KeyError" }] }
      })
      expect(answer.stderr).toContain('File "program.py", line 8')
      expect(answer.stderr).not.toContain("in execute")
    })

    it("reports SystemExit as the exit code", () => {
      expect(oracle.run("raise SystemExit(3)")).toMatchObject({ ok: true, exit: 3, exception: null })
    })

    it("fires equal deadlines in the order they were set, or as the heap has them", () => {
      const source = program(
        "loop = asyncio.get_running_loop()",
        "for n in range(4): loop.call_at(1, trace, n)",
        "await asyncio.sleep(2)"
      )
      const order = (ties: "fifo" | "heapq") => oracle.run(source, { ties }).marks.flatMap((mark) => mark.values)
      expect(order("fifo")).toEqual([0, 1, 2, 3])
      expect(order("heapq")).toEqual([0, 2, 1, 3])
    })

    it("collects warnings and the log, also what is reported when an object dies", () => {
      const answer = oracle.run(
        program(
          "async def f(): pass",
          "async def g(): raise ValueError('lost')",
          "async def main():",
          "    f()",
          "    task = asyncio.create_task(g())",
          "    await asyncio.sleep(1)",
          "asyncio.run(main())"
        )
      )
      expect(answer.warnings).toEqual([{ category: "RuntimeWarning", message: "coroutine 'f' was never awaited" }])
      expect(answer.log).toHaveLength(1)
      expect(answer.log[0]?.message).toContain("Task exception was never retrieved")
      expect(answer.log[0]?.exception).toMatchObject({ type: "ValueError", str: "lost" })
    })

    it("runs in debug mode on request", () => {
      const slow = program("import time", "async def main(): time.sleep(0.3)", "asyncio.run(main())")
      expect(oracle.run(slow).log).toEqual([])
      expect(oracle.run(slow, { debug: true }).log[0]?.message).toMatch(/^Executing <Task .* took 0\.300 seconds$/)
    })

    it("notes the task, the pass and the time of each mark", () => {
      const answer = oracle.run(
        program(
          "trace('before', None)",
          "async def main():",
          "    trace(1, 2.5)",
          "    await asyncio.sleep(2)",
          "    trace(True)",
          "asyncio.run(main())"
        )
      )
      expect(answer.marks.map(({ task, time, values }) => [task, time, values])).toEqual([
        [null, 0, ["before", null]],
        ["Task-1", 0, [1, 2.5]],
        ["Task-1", 2, [true]]
      ])
    })

    it("starts every program anew: task numbers, loops, globals", () => {
      const source = program(
        "async def main():",
        "    print(asyncio.current_task().get_name(), 'left' in globals())",
        "left = 1",
        "del left",
        "asyncio.run(main())",
        "left = 1"
      )
      expect([oracle.run(source).stdout, oracle.run(source).stdout]).toEqual(["Task-1 False\n", "Task-1 False\n"])
    })

    it("accepts await at the top level", () => {
      expect(oracle.run(program("await asyncio.sleep(1)", "print('done')"))).toMatchObject({
        ok: true,
        stdout: "done\n"
      })
    })

    it("runs executor jobs without threads", () => {
      expect(oracle.run(program("print(await asyncio.to_thread(sum, [1, 2]))")).stdout).toBe("3\n")
    })

    it("stops a loop that spins, and goes on with the next program", () => {
      const answer = oracle.run(program("while True: await asyncio.sleep(0)"), { maxPasses: 500 })
      expect(answer.exception?.type).toBe("PassLimit")
      expect(oracle.run("print(1)").stdout).toBe("1\n")
    })
  })
}

describe("a program that never awaits", () => {
  it("is interrupted when patience ends, and the interpreter lives on", async () => {
    const oracle = await createOracle()
    const answer = oracle.run("while True: pass", { patience: 0.2 })
    expect(answer.exception?.type).toBe("KeyboardInterrupt")
    expect(oracle.run("print(1)").stdout).toBe("1\n")
  }, 60_000)
})

describe("what an interpreter does not have", () => {
  it("is refused with the way out: the real clock in WebAssembly", async () => {
    const oracle = await createOracle()
    expect(() => oracle.run("", { realtime: true })).toThrow(OracleError)
    expect(() => oracle.run("", { realtime: true })).toThrow('createOracle({ backend: "native" })')
  }, 60_000)

  it("is refused with the way out: a native Python that is not there", async () => {
    const before = process.env.SKEIN_PYTHON
    process.env.SKEIN_PYTHON = "/nowhere/python3"
    try {
      await expect(createOracle({ backend: "native" })).rejects.toThrow('createOracle({ backend: "wasm" }) needs none')
    } finally {
      if (before === undefined) delete process.env.SKEIN_PYTHON
      else process.env.SKEIN_PYTHON = before
    }
  })
})

describe("start-up", () => {
  it("works without a snapshot", async () => {
    const oracle = await createOracle({ snapshot: false })
    expect(oracle.run("print(1)").stdout).toBe("1\n")
  }, 60_000)
})

describe.skipIf(findPython() === undefined)("the real clock, native", () => {
  it("serves real sockets", async () => {
    const oracle = await createOracle({ backend: "native" })
    const answer = oracle.run(
      program(
        "async def echo(reader, writer):",
        "    writer.write(await reader.readline())",
        "    writer.close()",
        "async def main():",
        "    server = await asyncio.start_server(echo, '127.0.0.1', 0)",
        "    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())",
        "    writer.write(b'hello\\n')",
        "    print(await reader.readline())",
        "    writer.close()",
        "    server.close()",
        "asyncio.run(main())"
      ),
      { realtime: true }
    )
    expect(answer.stdout).toBe("b'hello\\n'\n")
  })
})
