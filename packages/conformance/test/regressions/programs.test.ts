// Divergences that random programs have found (`npm run conformance`), cut down to what shows them.

import * as asyncio from "@skein/asyncio"
import {
  ExceptionGroup,
  except_star,
  repr,
  StopAsyncIteration,
  SystemExit,
  TimeoutError,
  ValueError
} from "@skein/asyncio/builtins"
import { ContextVar } from "@skein/asyncio/contextvars"
import { describe, expect, it } from "vitest"
import { sharedOracle } from "../../src/index.ts"
import { compare } from "../../src/programs/compare.ts"
import { type Block, errorNames, type Program, type Statement, type Unit } from "../../src/programs/Program.ts"
import { same } from "../support/both.ts"
import { expectSame } from "../support/same.ts"

const guardedYield = (value: number): Statement => ({
  do: "try",
  body: [{ do: "yield", value }],
  handler: { of: 0, body: [], ending: "swallow" },
  last: null
})
const step = (how: "anext" | "aclose"): Statement => ({ do: "await", what: { is: "step", k: 0, how, value: 0 } })

describe("divergences that random programs have found", () => {
  it("90 a gather that was cancelled has seen the errors of its children", () =>
    same(
      `
      outer = asyncio.gather(asyncio.gather(after(1)), return_exceptions=True)
      await asyncio.sleep(0)
      trace(outer.cancel())
      await outcome("outer", outer)
      `,
      function* ({ after, outcome, trace }) {
        const outer = asyncio.gather(asyncio.gather(after(1)), { return_exceptions: true })
        yield* asyncio.sleep(0)
        trace(outer.cancel())
        yield* outcome("outer", outer)
      }
    ))

  it("218 a task that an eager start ends with SystemExit lets go of its coroutine", () =>
    expectSame(
      `
      import asyncio
      async def leave():
          raise SystemExit(5)
      async def main():
          asyncio.create_task(leave(), name="leaver", eager_start=True)
      asyncio.run(main())
      `,
      ({ run }) => {
        const leave = asyncio.coroutine(function* leave() {
          throw new SystemExit(5)
        })
        return run(
          asyncio.coroutine(function* main() {
            void asyncio.create_task(leave(), { name: "leaver", eager_start: true })
          })()
        )
      },
      // The oracle takes SystemExit for an ending.
      { ignore: ["exception"] }
    ))

  it("10 226 a callback that cancels its own handle and then fails is no longer to be named", () =>
    same(
      `
      def callback():
          handle.cancel()
          raise ValueError("v")
      handle = asyncio.get_running_loop().call_soon(callback)
      await asyncio.sleep(0)
      `,
      function* () {
        const handle = asyncio.get_running_loop().call_soon(function callback() {
          handle.cancel()
          throw new ValueError("v")
        })
        yield* asyncio.sleep(0)
      }
    ))

  it("234 a woken task shows what the primitive has woken it with", () =>
    same(
      `
      async def wait_for_it():
          async with condition:
              await condition.wait()
      async def get_it():
          return await queue.get()
      queue, condition = asyncio.Queue(), asyncio.Condition()
      getter = asyncio.create_task(get_it(), name="getter")
      waiter = asyncio.create_task(wait_for_it(), name="waiter")
      await asyncio.sleep(0)
      queue.put_nowait(1)
      async with condition:
          condition.notify()
      trace(repr(getter))
      trace(repr(waiter))
      await asyncio.wait([getter, waiter])
      `,
      function* ({ trace }) {
        const queue = new asyncio.Queue()
        const condition = new asyncio.Condition()
        const wait_for_it = asyncio.coroutine(function* wait_for_it() {
          yield* asyncio.async_with(condition, function* () {
            yield* condition.wait()
          })
        })
        const get_it = asyncio.coroutine(function* get_it() {
          return yield* queue.get()
        })
        const getter = asyncio.create_task(get_it(), { name: "getter" })
        const waiter = asyncio.create_task(wait_for_it(), { name: "waiter" })
        yield* asyncio.sleep(0)
        queue.put_nowait(1)
        yield* asyncio.async_with(condition, function* () {
          condition.notify()
        })
        trace(repr(getter))
        trace(repr(waiter))
        yield* asyncio.wait([getter as asyncio.Task, waiter as asyncio.Task])
      }
    ))

  it("233 the task of an awaitable of one's own shows CPython's coroutine around it", () =>
    same(
      `
      class Nap:
          def __await__(self):
              return asyncio.sleep(1).__await__()
      trace(repr(asyncio.ensure_future(Nap())))
      `,
      function* ({ trace }) {
        class Nap {
          *__await__() {
            return yield* asyncio.sleep(1)
          }
          [Symbol.iterator]() {
            return this.__await__()
          }
        }
        // The coroutine is the library's own: there is no place to show.
        trace(repr(asyncio.ensure_future(new Nap())).replace("<unknown>", "somewhere.ts:1"))
      }
    ))

  it("103 the deadline of wait_for comes before what the awaitable begins, when both are due at once", () =>
    same(
      `
      async def sleeper():
          return await asyncio.wait_for(asyncio.sleep(2, "slept"), 2)
      task = asyncio.create_task(sleeper())
      await asyncio.sleep(1)
      asyncio.get_running_loop().call_later(1, lambda: trace(repr(task)))
      await outcome("task", task)
      `,
      function* ({ outcome, trace }) {
        const sleeper = asyncio.coroutine(function* sleeper() {
          return yield* asyncio.wait_for(asyncio.sleep(2, "slept"), 2)
        })
        const task = asyncio.create_task(sleeper())
        yield* asyncio.sleep(1)
        asyncio.get_running_loop().call_later(1, () => trace(repr(task)))
        yield* outcome("task", task)
      }
    ))

  it("259 a handler of except* that throws the original again leaves it and what was split off it side by side", () =>
    same(
      `
      error = ExceptionGroup("by hand", [ValueError(1), ExceptionGroup("inner", [TimeoutError(2)])])
      try:
          try:
              raise error
          except* TimeoutError:
              raise error
      except ExceptionGroup as e:
          trace(shape(e))
      `,
      function* ({ shape, trace }) {
        const inner = new ExceptionGroup("inner", [new TimeoutError(2)])
        const error = new ExceptionGroup("by hand", [new ValueError(1), inner])
        try {
          try {
            throw error
          } catch (thrown) {
            yield* except_star(thrown, [
              TimeoutError,
              () => {
                throw error
              }
            ])
          }
        } catch (thrown) {
          trace(shape(thrown))
        }
      }
    ))

  it("235 what call_soon_threadsafe returns shows CPython's name", () =>
    same(
      `
      handle = asyncio.get_running_loop().call_soon_threadsafe(print)
      handle.cancel()
      trace(repr(handle))
      `,
      function* ({ trace }) {
        const handle = asyncio.get_running_loop().call_soon_threadsafe(console.log)
        handle.cancel()
        trace(repr(handle))
      }
    ))

  it("205 209 a generator that yielded while being closed is closed once more at shutdown", async () => {
    const program: Program = {
      units: [
        {
          kind: "coroutine",
          body: [{ do: "for unit", unit: 0, body: [{ do: "raise", error: 0, message: 1 }] }],
          guard: 1,
          exit: [],
          handler: null
        },
        { kind: "generator", body: [guardedYield(5), guardedYield(7)], guard: null, exit: [], handler: null }
      ],
      eager: false,
      driven: false
    }
    expect(await compare(await sharedOracle(), [program])).toEqual([])
  })

  it("209 a generator that raises StopAsyncIteration before its first yield has raised it", () =>
    same(
      `
      async def generator():
          raise StopAsyncIteration("mine")
          yield
      await outcome("anext", anext(generator()))
      await outcome("athrow", generator().athrow(StopAsyncIteration("thrown in")))
      `,
      function* ({ outcome }) {
        const generator = asyncio.async_generator(function* generator(): Generator<undefined> {
          throw new StopAsyncIteration("mine")
        })
        yield* outcome("anext", asyncio.anext(generator()))
        yield* outcome("athrow", generator().athrow(new StopAsyncIteration("thrown in")))
      }
    ))

  it("205 209 a generator that refused to be closed is left alone after the shutdown", async () => {
    const program: Program = {
      units: [
        {
          kind: "coroutine",
          body: [{ do: "begin unit", unit: 0 }, step("anext"), step("anext"), step("aclose")],
          guard: 1,
          exit: [],
          handler: null
        },
        { kind: "generator", body: [guardedYield(5), guardedYield(7)], guard: null, exit: [], handler: null }
      ],
      eager: false,
      driven: true
    }
    expect(await compare(await sharedOracle(), [program])).toEqual([])
  })

  it("121 216 the report of an exception in a shielded future runs in the context of the call of shield", () =>
    same(
      `
      import contextvars
      variable = contextvars.ContextVar("variable", default=0)
      asyncio.get_running_loop().set_exception_handler(
          lambda loop, context: trace(context["message"], variable.get()))
      async def shielding():
          variable.set(6)
          await asyncio.shield(asyncio.gather(fail(2, ValueError("v"))))
      task = asyncio.create_task(shielding())
      await asyncio.sleep(1)
      task.cancel()
      await asyncio.sleep(5)
      `,
      function* ({ fail, trace }) {
        const variable = new ContextVar("variable", { default: 0 })
        asyncio.get_running_loop().set_exception_handler((_loop, { message }) => trace(message, variable.get()))
        const shielding = asyncio.coroutine(function* shielding() {
          variable.set(6)
          yield* asyncio.shield(asyncio.gather(fail(2, new ValueError("v"))))
        })
        const task = asyncio.create_task(shielding())
        yield* asyncio.sleep(1)
        task.cancel()
        yield* asyncio.sleep(5)
      }
    ))

  it("234 the task of a generator's step shows that this has no name", () =>
    same(
      `
      async def generator():
          yield 1
      for step in (generator().aclose(), generator().asend(None), generator().athrow(ValueError)):
          task = asyncio.create_task(step, name="stepper")
          trace(repr(task))
          await asyncio.wait([task])
          trace(repr(task), repr(task.exception()))
      `,
      function* ({ trace }) {
        const generator = asyncio.async_generator(function* generator() {
          yield 1
        })
        for (const step of [generator().aclose(), generator().asend(undefined), generator().athrow(ValueError)]) {
          const task = asyncio.create_task<asyncio.Coroutine>(step, { name: "stepper" })
          trace(repr(task))
          yield* asyncio.wait([task])
          trace(repr(task), repr(task.exception()))
        }
      }
    ))

  it("42 50 what a task left the loop with is unread, if the loop makes no further pass", async () => {
    const coroutine = (body: Block): Unit => ({ kind: "coroutine", body, guard: null, exit: [], handler: null })
    const leave: Statement = { do: "raise", error: errorNames.indexOf("SystemExit"), message: 0 }
    const spawn: Statement = { do: "spawn", unit: 0, named: false, eager: null, into: "loop", context: null }
    const program: Program = {
      units: [coroutine([{ do: "call", how: "soon", delay: 0, body: [spawn] }, leave]), coroutine([leave])],
      eager: true,
      driven: true
    }
    expect(await compare(await sharedOracle(), [program])).toEqual([])
  })

  it("209 a generator that answers GeneratorExit with another value is left there: CPython ends it when nobody holds it", async () => {
    const body = (statements: Block): Unit => ({
      kind: "coroutine",
      body: statements,
      guard: null,
      exit: [],
      handler: null
    })
    const spawn: Statement = { do: "spawn", unit: 2, named: false, eager: null, into: "loop", context: null }
    const program: Program = {
      units: [
        // The queue has room for one item, so that the second time round fails, when the generator stands in its first `try`.
        body([{ do: "for unit", unit: 1, body: [{ do: "operation", on: "Q0", name: "put_nowait", argument: 2 }] }]),
        {
          kind: "generator",
          body: [guardedYield(3), { do: "try", body: [{ do: "yield", value: 9 }], handler: null, last: [spawn] }],
          guard: 0,
          exit: [],
          handler: null
        },
        body([])
      ],
      eager: false,
      driven: true
    }
    expect(await compare(await sharedOracle(), [program])).toEqual([])
  })
})
