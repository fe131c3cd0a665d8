// Async generators, loops over them, and context managers.
import * as asyncio from "@skein/asyncio"
import { AsyncExitStack, aclosing, asynccontextmanager } from "@skein/asyncio/contextlib"
import { nothing, type Scenario, type Steps } from "../support/asyncio.ts"
import { Fates } from "../support/fates.ts"
import { SlowManager, working } from "./work.ts"

type Numbers = asyncio.AsyncGenerator<number, unknown>

/** A generator that waits for two seconds before each of two items; cleaning up takes one more. */
const slowNumbers = (tell: (end: string) => void): Numbers => {
  const numbers = asyncio.async_generator(function* numbers(): Generator<asyncio.Step<never> | number, void, unknown> {
    let end = "is closed"
    try {
      for (const n of [1, 2]) {
        try {
          yield* asyncio.sleep(2)
          yield n
        } catch (error) {
          // `athrow` gets it to wait once more.
          if (!(error instanceof TypeError)) throw error
          yield* asyncio.sleep(2)
        }
      }
      end = "gives all"
    } catch (error) {
      if (error instanceof asyncio.CancelledError) end = "is cancelled in its wait"
      throw error
    } finally {
      tell("is cut off in its clean-up")
      yield* asyncio.sleep(1)
      tell(`${end} and cleans up`)
    }
  })
  return numbers() as Numbers
}

const rest =
  "the cancellation is thrown into the generator where it waits, and ends it unless it is caught there; a generator that has ended gives no further items. As CPython."

/** The operation waits inside of the generator. */
const inGenerator = (
  operation: string,
  use: (numbers: Numbers) => Steps,
  more: { readonly first?: boolean; readonly isClosing?: boolean } = {}
): Scenario => ({
  operation,
  ...(more.isClosing === true ? {} : { losses: { "what the generator had still to give": rest } }),
  stage: () => {
    let end = "never begins"
    const numbers = slowNumbers((told) => {
      end = told
    })
    let given = 0
    return {
      before: function* () {
        if (more.first === true) yield* numbers.__anext__()
      },
      operation: () => use(numbers),
      wake: function* () {
        yield* asyncio.sleep(60)
        yield* asyncio.async_for(numbers, function* () {
          given++
        })
        if (end === "gives all and cleans up") given++
      },
      observe: ({ isDone }) => ({
        accounts:
          more.isClosing === true
            ? []
            : [{ thing: "what the generator had still to give", had: 1, has: isDone ? 1 : Math.min(given, 1) }],
        others: [`the generator ${end}`],
        state: ""
      })
    }
  }
})

/** The operation enters or leaves a manager; either takes two seconds. */
const managing = (
  operation: string,
  situation: string,
  times: { readonly enter: number; readonly exit: number },
  use: (manager: SlowManager) => Steps
): Scenario => ({
  operation,
  ...(situation === "" ? {} : { situation }),
  stage: () => {
    const fates = new Fates()
    const manager = new SlowManager(fates, times)
    return {
      operation: () => use(manager),
      wake: nothing,
      observe: () => ({
        others: [times.exit > 0 ? fates.told("the end of the manager") : `the manager is ${manager.state}`],
        state: ""
      })
    }
  }
})

const entering = { enter: 2, exit: 0 }
const leaving = { enter: 0, exit: 2 }

function* entered(manager: SlowManager): Steps {
  yield* asyncio.async_with(manager, nothing)
}

const closings: Scenario = {
  operation: "EventLoop.shutdown_asyncgens",
  stage: () => {
    const fates = new Fates()
    const numbers = asyncio.async_generator(function* (): Generator<asyncio.Step<never> | number, void, unknown> {
      try {
        yield 1
      } finally {
        yield* working(fates, 2)
      }
    })() as Numbers
    return {
      before: function* () {
        yield* numbers.__anext__()
      },
      operation: function* () {
        yield* asyncio.get_running_loop().shutdown_asyncgens()
      },
      wake: nothing,
      observe: () => ({ others: [fates.told("the clean-up of each generator")], state: "" })
    }
  }
}

export const iterationScenarios: ReadonlyArray<Scenario> = [
  inGenerator("AsyncGenerator.__anext__", function* (numbers) {
    yield* numbers.__anext__()
  }),
  inGenerator("AsyncGenerator.asend", function* (numbers) {
    yield* numbers.asend(undefined)
  }),
  inGenerator(
    "AsyncGenerator.athrow",
    function* (numbers) {
      yield* numbers.athrow(new TypeError("once more"))
    },
    { first: true }
  ),
  inGenerator(
    "AsyncGenerator.aclose",
    function* (numbers) {
      yield* numbers.aclose()
    },
    { first: true, isClosing: true }
  ),
  inGenerator("anext", function* (numbers) {
    yield* asyncio.anext(numbers)
  }),
  inGenerator("async_for", function* (numbers) {
    yield* asyncio.async_for(numbers, nothing as () => Generator<never, undefined, unknown>)
  }),
  inGenerator("comprehension", function* (numbers) {
    yield* asyncio.comprehension(numbers)
  }),
  inGenerator("set_comprehension", function* (numbers) {
    yield* asyncio.set_comprehension(numbers)
  }),
  inGenerator("dict_comprehension", function* (numbers) {
    yield* asyncio.dict_comprehension(numbers, (n) => [n, n] as const)
  }),
  closings,
  managing("async_with", "its manager is being entered", entering, entered),
  managing("async_with", "its block waits", { enter: 0, exit: 0 }, function* (manager) {
    yield* asyncio.async_with(manager, function* () {
      yield* asyncio.sleep(60)
    })
  }),
  managing("async_with", "its manager is being left", leaving, entered),
  managing("contextlib.AsyncExitStack.enter_async_context", "", entering, function* (manager) {
    yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
      yield* stack.enter_async_context(manager)
    })
  }),
  managing("contextlib.AsyncExitStack.__aexit__", "", leaving, function* (manager) {
    yield* asyncio.async_with(AsyncExitStack(), function* (stack) {
      yield* stack.enter_async_context(manager)
    })
  }),
  managing("contextlib.AsyncExitStack.aclose", "", leaving, function* (manager) {
    const stack = AsyncExitStack()
    yield* stack.enter_async_context(manager)
    yield* stack.aclose()
  }),
  managing("contextlib.asynccontextmanager", "its generator waits before the `yield`", entering, function* (manager) {
    yield* asyncio.async_with(around(manager), nothing)
  }),
  managing("contextlib.asynccontextmanager", "its generator waits after the `yield`", leaving, function* (manager) {
    yield* asyncio.async_with(around(manager), nothing)
  }),
  {
    operation: "contextlib.aclosing.__aexit__",
    stage: () => {
      let end = "never begins"
      const numbers = slowNumbers((told) => {
        end = told
      })
      return {
        before: function* () {
          yield* numbers.__anext__()
        },
        operation: function* () {
          yield* asyncio.async_with(aclosing(numbers), nothing)
        },
        wake: nothing,
        observe: () => ({ others: [`the generator ${end}`], state: "" })
      }
    }
  }
]

const around = asynccontextmanager(function* (
  manager: SlowManager
): Generator<asyncio.Step<never> | number, void, unknown> {
  yield* manager.__aenter__()
  yield 1
  yield* manager.__aexit__()
})
