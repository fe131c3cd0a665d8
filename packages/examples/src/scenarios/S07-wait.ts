import * as asyncio from "@skein/asyncio"
import { TypeError, ValueError } from "@skein/asyncio/builtins"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S07",
  title: "wait: done and pending",
  notice:
    "wait raises nothing and cancels nothing: it says which tasks are done and which are not, by one of three rules " +
    "or after a time. It wants tasks; a bare coroutine is refused.",
  kind: "twin",
  async run(print) {
    const job = asyncio.coroutine(function* job(name: string, seconds: number, fails = false) {
      yield* asyncio.sleep(seconds)
      if (fails) throw new ValueError(name)
      return name
    })

    type Job = asyncio.Task<string>

    const names = (tasks: ReadonlySet<Job>): string =>
      [...tasks]
        .map((task) => task.get_name())
        .sort()
        .join(", ") || "none"

    const three = (fails = false): Array<Job> => [
      asyncio.create_task(job("one", 1), { name: "one" }),
      asyncio.create_task(job("two", 2, fails), { name: "two" }),
      asyncio.create_task(job("three", 3), { name: "three" })
    ]

    const show = asyncio.coroutine(function* show(title: string, tasks: Array<Job>, options: asyncio.WaitOptions = {}) {
      const loop = asyncio.get_running_loop()
      const begin = loop.time()
      const [done, pending] = yield* asyncio.wait(tasks, options)
      const seconds = (loop.time() - begin).toFixed(1)
      print(`${title}: after ${seconds} s; done: ${names(done)}; pending: ${names(pending)}`)
      yield* asyncio.gather(...tasks, { return_exceptions: true })
    })

    const main = asyncio.coroutine(function* main() {
      yield* show("ALL_COMPLETED", three())
      yield* show("FIRST_COMPLETED", three(), { return_when: asyncio.FIRST_COMPLETED })
      yield* show("FIRST_EXCEPTION, none fails", three(), { return_when: asyncio.FIRST_EXCEPTION })
      yield* show("FIRST_EXCEPTION, two fails", three(true), { return_when: asyncio.FIRST_EXCEPTION })
      yield* show("timeout of 1.5 s", three(), { timeout: 1.5 })

      const bare = job("bare", 1)
      try {
        // @ts-expect-error The compiler refuses a bare coroutine, too.
        yield* asyncio.wait<Job>([bare])
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        print(`TypeError: ${error.message}`)
      }
      bare.close()

      try {
        yield* asyncio.wait<Job>([])
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
        print(`ValueError: ${error.message}`)
      }
    })

    await asyncio.run(main(), virtual)
  }
}
