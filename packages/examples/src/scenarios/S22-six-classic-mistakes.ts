// These mistakes are made on purpose: @effect-diagnostics floatingEffect:off
import * as asyncio from "@skein/asyncio"
import { RuntimeError, ValueError } from "@skein/asyncio/builtins"
import { catch_warnings } from "@skein/asyncio/warnings"
import type { Print, Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

const fetch = asyncio.coroutine(function* fetch() {
  yield* asyncio.sleep(1)
  return "page"
})

async function never_awaited(print: Print) {
  const main = asyncio.coroutine(function* main() {
    fetch() // a coroutine is made, and dropped
    yield* asyncio.sleep(1)
  })

  const restore = catch_warnings(({ category, message, place }) => {
    print(`  ${category}: ${message.split("\n")[0]}`)
    print.here(`  made at ${place?.split("/").at(-1)}`)
  })
  try {
    await asyncio.run(main(), { ...virtual, debug: true })
  } finally {
    restore()
  }
}

async function awaited_from_synchronous_code(print: Print) {
  const coroutine = fetch()
  try {
    asyncio.create_task(coroutine)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    print(`  RuntimeError: ${error.message}`)
  }
  coroutine.close()
  print("  the way in:", await asyncio.run(fetch(), virtual))
  print.here(
    "  yield* outside of function* does not compile: A 'yield' expression is only allowed in a generator body."
  )
}

async function result_lost(print: Print) {
  const main = asyncio.coroutine(function* main() {
    const page = fetch()
    print("  without await:", asyncio.iscoroutine(page) ? "a coroutine" : "a page")
    print("  with await:", yield* page)
  })

  // @ts-expect-error -- the compiler sees it too: what stands behind `yield` is not awaited.
  const forgets_the_star = asyncio.coroutine(function* forgets_the_star() {
    const page = fetch()
    try {
      yield page
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      print.here(`  without the star: ${error.message.replace(/0x[0-9a-f]+/, "0x...")}`)
    }
    page.close()
  })

  await asyncio.run(main(), virtual)
  await asyncio.run(forgets_the_star(), virtual)
}

async function nobody_took_the_exception(print: Print) {
  const fail = asyncio.coroutine(function* fail() {
    throw new ValueError("lost")
  })

  const report = (_loop: asyncio.EventLoop, { exception, message }: asyncio.ExceptionContext) =>
    print(`  ${message}: ${exception instanceof Error ? `${exception.name}: ${exception.message}` : exception}`)

  const main = asyncio.coroutine(function* main() {
    asyncio.get_running_loop().set_exception_handler(report)
    asyncio.create_task(fail())
    yield* asyncio.sleep(1)
  })

  await asyncio.run(main(), virtual)
  print("  run ended without an error")
}

async function session_never_closed(print: Print) {
  class Session {
    closed = false
    readonly keep_alive = asyncio.create_task(this.ping(), { name: "keep-alive" });

    *ping() {
      try {
        while (true) yield* asyncio.sleep(30)
      } finally {
        print("  keep-alive ended,", this.closed ? "after close()" : "though close() was never called")
      }
    }

    close() {
      this.closed = true
      this.keep_alive.cancel()
    }

    *__aenter__() {
      return this
    }

    *__aexit__() {
      this.close()
    }
  }

  const main_ends = () => {
    const left = [...asyncio.all_tasks()].filter((task) => task !== asyncio.current_task())
    print("  main ends, still running:", left.map((task) => task.get_name()).join(", ") || "nothing")
  }

  const forgets = asyncio.coroutine(function* forgets() {
    new Session()
    yield* asyncio.sleep(60)
    main_ends()
  })

  const remembers = asyncio.coroutine(function* remembers() {
    yield* asyncio.async_with(new Session(), function* () {
      yield* asyncio.sleep(60)
    })
    yield* asyncio.sleep(0)
    main_ends()
  })

  await asyncio.run(forgets(), virtual)
  await asyncio.run(remembers(), virtual)
}

async function two_event_loops(print: Print) {
  const make = asyncio.coroutine(function* make() {
    return { future: asyncio.get_running_loop().create_future() }
  })

  const { future } = await asyncio.run(make(), virtual)

  const use = asyncio.coroutine(function* use() {
    yield* future
  })

  try {
    await asyncio.run(use(), virtual)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    print("  RuntimeError: ... got Future", error.message.split("got Future ")[1])
  }
}

export const scenario: Scenario = {
  id: "S22",
  title: "Six classic mistakes",
  notice: "Each is answered with what went wrong and where, instead of with silence.",
  kind: "twin",
  notes:
    "Python reports a lost coroutine or exception when the object goes; JavaScript has no such moment, so Skein reports at " +
    "the latest when the run ends. Python's `await` in a plain function and a forgotten star in `yield*` have no " +
    "counterpart in the other language.",
  async run(print) {
    const mistakes = [
      never_awaited,
      awaited_from_synchronous_code,
      result_lost,
      nobody_took_the_exception,
      session_never_closed,
      two_event_loops
    ]
    for (const [index, mistake] of mistakes.entries()) {
      print(`${index + 1}. ${mistake.name.replaceAll("_", " ")}`)
      await mistake(print)
    }
  }
}
