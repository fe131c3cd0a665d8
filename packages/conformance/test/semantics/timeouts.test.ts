// timeout and timeout_at: statements 123 to 135.

import * as asyncio from "@skein/asyncio"
import { type BaseException, ExceptionGroup, KeyError, repr, TimeoutError, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

const { async_with, timeout, timeout_at, Timeout } = asyncio

describe("timeout", () => {
  it("123 fixes the deadline at the call, which needs a running loop, and starts the timer on entering", () =>
    same(
      `
      await asyncio.sleep(1)
      early = asyncio.timeout(5)
      trace(early.when(), asyncio.timeout(None).when(), asyncio.timeout_at(7.5).when())
      await asyncio.sleep(3)
      try:
          async with early:
              await after(9)
      except TimeoutError:
          trace("expired")
      async with asyncio.timeout(None) as never:
          await asyncio.sleep(1000)
      trace(repr(never))
      async with asyncio.timeout_at(asyncio.get_running_loop().time() + 2):
          await asyncio.sleep(1)
      `,
      function* ({ trace, after }) {
        yield* asyncio.sleep(1)
        const early = timeout(5)
        trace(early.when(), timeout(null).when(), timeout_at(7.5).when())
        yield* asyncio.sleep(3)
        try {
          yield* async_with(early, function* () {
            yield* after(9)
          })
        } catch (error) {
          if (error instanceof TimeoutError) trace("expired")
        }
        const never = timeout(undefined)
        yield* async_with(never, function* () {
          yield* asyncio.sleep(1000)
        })
        trace(repr(never))
        yield* async_with(timeout_at(asyncio.get_running_loop().time() + 2), function* () {
          yield* asyncio.sleep(1)
        })
      }
    ))

  it("124 is entered once, and inside a task", () =>
    same(
      `
      used = asyncio.timeout(5)
      async def enter():
          async with used:
              trace("inside")
      await outcome("first", enter())
      await outcome("again", enter())
      def outside():
          entering = asyncio.Timeout(5).__aenter__()
          try:
              entering.send(None)
          except RuntimeError as e:
              trace(repr(e))
      asyncio.get_running_loop().call_soon(outside)
      await asyncio.sleep(0)
      await asyncio.sleep(0)
      `,
      function* ({ trace, outcome }) {
        const used = timeout(5)
        const enter = asyncio.coroutine(function* enter() {
          yield* async_with(used, function* () {
            trace("inside")
          })
        })
        yield* outcome("first", enter())
        yield* outcome("again", enter())
        asyncio.get_running_loop().call_soon(() => {
          try {
            Timeout(5).__aenter__()._begin().next()
          } catch (error) {
            trace(repr(error))
          }
        })
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
      }
    ))

  it("125 cancels the task, and makes of its CancelledError a TimeoutError when the block ends", () =>
    same(
      `
      try:
          async with asyncio.timeout(2) as deadline:
              try:
                  await after(9, "x")
              except asyncio.CancelledError:
                  trace(requests(), deadline.expired(), repr(deadline))
                  raise
      except TimeoutError as e:
          trace(shape(e), requests(), deadline.expired(), repr(deadline))
      `,
      function* ({ trace, after, shape, requests }) {
        const deadline = timeout(2)
        try {
          yield* async_with(deadline, function* () {
            try {
              yield* after(9, "x")
            } catch (error) {
              trace(requests(), deadline.expired(), repr(deadline))
              throw error
            }
          })
        } catch (error) {
          trace(shape(error), requests(), deadline.expired(), repr(deadline))
        }
      }
    ))

  it("125 a request that came before the block does not count as one that came in between", () =>
    same(
      `
      async def defiant():
          try:
              await after(9)
          except asyncio.CancelledError:
              trace("held back", requests())
          try:
              async with asyncio.timeout(1):
                  await after(9)
          except TimeoutError:
              trace("timed out", requests())
      task = asyncio.create_task(defiant())
      await asyncio.sleep(1)
      task.cancel()
      await outcome("task", task)
      `,
      function* ({ trace, after, outcome, requests }) {
        const defiant = asyncio.coroutine(function* defiant() {
          try {
            yield* after(9)
          } catch {
            trace("held back", requests())
          }
          try {
            yield* async_with(timeout(1), function* () {
              yield* after(9)
            })
          } catch (error) {
            if (error instanceof TimeoutError) trace("timed out", requests())
          }
        })
        const task = asyncio.create_task(defiant())
        yield* asyncio.sleep(1)
        task.cancel()
        yield* outcome("task", task)
      }
    ))

  it("126 leaves the CancelledError if other requests came in between, and them counted", () =>
    same(
      `
      me = asyncio.current_task()
      loop = asyncio.get_running_loop()
      deadline = asyncio.timeout(2)
      loop.call_later(3, me.cancel, "outside")
      try:
          async with deadline:
              await slow_to_stop(9, 2, "x")
      except asyncio.CancelledError as e:
          trace(shape(e), requests(), deadline.expired())
          me.uncancel()
      await asyncio.sleep(1)
      `,
      function* ({ trace, slow_to_stop, shape, requests }) {
        const me = asyncio.current_task() as asyncio.Task
        const deadline = timeout(2)
        asyncio.get_running_loop().call_later(3, () => me.cancel("outside"))
        try {
          yield* async_with(deadline, function* () {
            yield* slow_to_stop(9, 2, "x")
          })
        } catch (error) {
          trace(shape(error), requests(), deadline.expired())
          me.uncancel()
        }
        yield* asyncio.sleep(1)
      }
    ))

  it("127 in the same instant as a cancellation from outside: CancelledError wins, its message too if it was first", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def timed():
          async with asyncio.timeout_at(10):
              await after(99)
      first = asyncio.create_task(timed())
      loop.call_at(10, first.cancel, "first")
      await outcome("first", first)
      trace(first.cancelling())
      async def later():
          async with asyncio.timeout_at(20):
              await after(99)
      second = asyncio.create_task(later())
      await asyncio.sleep(1)
      loop.call_at(20, second.cancel, "second")
      await outcome("second", second)
      trace(second.cancelling())
      `,
      function* ({ trace, after, outcome }) {
        const loop = asyncio.get_running_loop()
        const timed = asyncio.coroutine(function* timed(when: number) {
          yield* async_with(timeout_at(when), function* () {
            yield* after(99)
          })
        })
        const first = asyncio.create_task(timed(10))
        loop.call_at(10, () => first.cancel("first"))
        yield* outcome("first", first)
        trace(first.cancelling())
        const second = asyncio.create_task(timed(20))
        yield* asyncio.sleep(1)
        loop.call_at(20, () => second.cancel("second"))
        yield* outcome("second", second)
        trace(second.cancelling())
      }
    ))

  it("128 a body that swallows the CancelledError ends without TimeoutError; the request is withdrawn", () =>
    same(
      `
      async with asyncio.timeout(2) as deadline:
          await stubborn(9, "x")
          trace(requests())
          await asyncio.sleep(5)
      trace(requests(), deadline.expired(), repr(deadline))
      `,
      function* ({ trace, stubborn, requests }) {
        const deadline = timeout(2)
        yield* async_with(deadline, function* () {
          yield* stubborn(9, "x")
          trace(requests())
          yield* asyncio.sleep(5)
        })
        trace(requests(), deadline.expired(), repr(deadline))
      }
    ))

  it("129 another error goes out as it is, with a TimeoutError before the first CancelledError of its contexts", () =>
    same(
      `
      async def within(error):
          async with asyncio.timeout(1):
              await break_on_cancel(9, error)
      try:
          await within(ValueError("v"))
      except ValueError as e:
          trace(chain(e), shape(e), requests())

      async def later():
          async with asyncio.timeout(1):
              try:
                  await break_on_cancel(9, KeyError("k"))
              except KeyError as e:
                  raise ValueError("v") from e
      try:
          await later()
      except ValueError as e:
          trace(chain(e))

      member = ValueError("member")
      async def grouped():
          async with asyncio.timeout(1):
              try:
                  await break_on_cancel(9, member)
              except ValueError as e:
                  raise ExceptionGroup("g", [e, KeyError("other")]) from e
      try:
          await grouped()
      except ExceptionGroup as e:
          trace(chain(e))
          for each in e.exceptions:
              trace(chain(each))
      `,
      function* ({ trace, break_on_cancel, chain, shape, requests }) {
        const within = asyncio.coroutine(function* within(error: Error) {
          yield* async_with(timeout(1), function* () {
            yield* break_on_cancel(9, error)
          })
        })
        try {
          yield* within(new ValueError("v"))
        } catch (error) {
          trace(chain(error), shape(error), requests())
        }
        try {
          yield* async_with(timeout(1), function* () {
            try {
              yield* break_on_cancel(9, new KeyError("k"))
            } catch (error) {
              throw new ValueError("v", { cause: error })
            }
          })
        } catch (error) {
          trace(chain(error))
        }
        const member = new ValueError("member")
        try {
          yield* async_with(timeout(1), function* () {
            try {
              yield* break_on_cancel(9, member)
            } catch (error) {
              const group = new ExceptionGroup("g", [error as Error, new KeyError("other")])
              group.__cause__ = error
              throw group
            }
          })
        } catch (error) {
          trace(chain(error))
          for (const each of (error as ExceptionGroup).exceptions) trace(chain(each as BaseException))
        }
      }
    ))

  it("130 the body's own CancelledError before the deadline is left alone", () =>
    same(
      `
      deadline = asyncio.timeout(5)
      async def own():
          async with deadline:
              raise asyncio.CancelledError("own")
      await outcome("own", own())
      trace(deadline.expired(), requests())
      `,
      function* ({ trace, outcome, requests }) {
        const deadline = timeout(5)
        const own = async_with(deadline, function* () {
          throw new asyncio.CancelledError("own")
        })
        yield* outcome("own", own)
        trace(deadline.expired(), requests())
      }
    ))

  it("131 a deadline that has passed fires at the first suspension, and not without one", () =>
    same(
      `
      for delay in (0, -5):
          async with asyncio.timeout(delay) as deadline:
              trace("no suspension")
          trace(repr(deadline))
          try:
              async with asyncio.timeout(delay) as deadline:
                  trace("until the first await")
                  await asyncio.sleep(0)
                  trace("not reached")
          except TimeoutError:
              trace(repr(deadline))
      await asyncio.sleep(1)
      `,
      function* ({ trace }) {
        for (const delay of [0, -5]) {
          const calm = timeout(delay)
          yield* async_with(calm, function* () {
            trace("no suspension")
          })
          trace(repr(calm))
          const deadline = timeout(delay)
          try {
            yield* async_with(deadline, function* () {
              trace("until the first await")
              yield* asyncio.sleep(0)
              trace("not reached")
            })
          } catch (error) {
            if (error instanceof TimeoutError) trace(repr(deadline))
          }
        }
        yield* asyncio.sleep(1)
      }
    ))

  it("132 nested: the first to expire converts; equal deadlines both expire, and the outer raises", () =>
    same(
      `
      for outer_delay, inner_delay in ((2, 1), (1, 2), (3, 3)):
          outer, inner = asyncio.timeout(outer_delay), asyncio.timeout(inner_delay)
          try:
              async with outer:
                  try:
                      async with inner:
                          await after(9)
                  except TimeoutError:
                      trace("inner raised", requests())
                  await asyncio.sleep(0)
                  trace("between")
          except TimeoutError:
              trace("outer raised", requests())
          trace(outer.expired(), inner.expired())
      `,
      function* ({ trace, after, requests }) {
        for (const [outer_delay, inner_delay] of [
          [2, 1],
          [1, 2],
          [3, 3]
        ] as const) {
          const outer = timeout(outer_delay)
          const inner = timeout(inner_delay)
          try {
            yield* async_with(outer, function* () {
              try {
                yield* async_with(inner, function* () {
                  yield* after(9)
                })
              } catch (error) {
                if (!(error instanceof TimeoutError)) throw error
                trace("inner raised", requests())
              }
              yield* asyncio.sleep(0)
              trace("between")
            })
          } catch (error) {
            if (error instanceof TimeoutError) trace("outer raised", requests())
          }
          trace(outer.expired(), inner.expired())
        }
      }
    ))

  it("133 reschedule moves the deadline, disarms it, or lets it fire in the next pass", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      def attempt(deadline):
          try:
              deadline.reschedule(99)
          except RuntimeError as e:
              trace(str(e))
      async def moved():
          async with asyncio.timeout(1) as deadline:
              deadline.reschedule(loop.time() + 3)
              trace(deadline.when() - loop.time())
              await after(9)
      await outcome("moved", moved())
      async def disarmed():
          async with asyncio.timeout(1) as deadline:
              deadline.reschedule(None)
              await after(9, "disarmed")
          return deadline.when()
      await outcome("disarmed", disarmed())
      async def past():
          async with asyncio.timeout(100) as deadline:
              deadline.reschedule(loop.time() - 1)
              await after(9)
      await outcome("past", past())
      async def taken_back():
          async with asyncio.timeout(0) as deadline:
              deadline.reschedule(None)
              await after(1, "taken back")
      await outcome("taken back", taken_back())
      created = asyncio.timeout(1)
      attempt(created)
      async with created:
          pass
      attempt(created)
      deadline = asyncio.timeout(1)
      try:
          async with deadline:
              try:
                  await after(9)
              finally:
                  attempt(deadline)
      except TimeoutError:
          attempt(deadline)
      `,
      function* ({ trace, after, outcome }) {
        const loop = asyncio.get_running_loop()
        const attempt = (deadline: asyncio.Timeout) => {
          try {
            deadline.reschedule(99)
          } catch (error) {
            trace((error as Error).message)
          }
        }
        const moved = async_with(timeout(1), function* (deadline) {
          deadline.reschedule(loop.time() + 3)
          trace((deadline.when() as number) - loop.time())
          yield* after(9)
        })
        yield* outcome("moved", moved)
        const disarmed = async_with(timeout(1), function* (deadline) {
          deadline.reschedule(undefined)
          yield* after(9, "disarmed")
          return deadline.when()
        })
        yield* outcome("disarmed", disarmed)
        const past = async_with(timeout(100), function* (deadline) {
          deadline.reschedule(loop.time() - 1)
          yield* after(9)
        })
        yield* outcome("past", past)
        const taken_back = async_with(timeout(0), function* (deadline) {
          deadline.reschedule(null)
          yield* after(1, "taken back")
        })
        yield* outcome("taken back", taken_back)
        const created = timeout(1)
        attempt(created)
        yield* async_with(created, function* () {})
        attempt(created)
        const deadline = timeout(1)
        try {
          yield* async_with(deadline, function* () {
            try {
              yield* after(9)
            } finally {
              attempt(deadline)
            }
          })
        } catch (error) {
          if (error instanceof TimeoutError) attempt(deadline)
        }
      }
    ))

  it("134 shows its state", () =>
    same(
      `
      await asyncio.sleep(1.2346)
      deadline = asyncio.timeout(1)
      print(repr(deadline))
      try:
          async with deadline:
              print(repr(deadline))
              deadline.reschedule(None)
              print(repr(deadline))
              deadline.reschedule(3.0)
              print(repr(deadline))
              try:
                  await asyncio.sleep(9)
              finally:
                  print(repr(deadline))
      except TimeoutError:
          print(repr(deadline))
      async with asyncio.timeout(1) as deadline:
          pass
      print(deadline)
      `,
      function* ({ print }) {
        yield* asyncio.sleep(1.2346)
        const deadline = timeout(1)
        print(repr(deadline))
        try {
          yield* async_with(deadline, function* () {
            print(repr(deadline))
            deadline.reschedule(undefined)
            print(repr(deadline))
            deadline.reschedule(3)
            print(repr(deadline))
            try {
              yield* asyncio.sleep(9)
            } finally {
              print(repr(deadline))
            }
          })
        } catch (error) {
          if (error instanceof TimeoutError) print(repr(deadline))
        }
        const finished = timeout(1)
        yield* async_with(finished, function* () {})
        print(`${finished}`)
      }
    ))

  it("135 a deadline that has passed at entry is queued with call_soon, behind what is ready", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def late():
          async with asyncio.timeout(-1):
              loop.call_soon(trace, "queued after")
              await after(9)
      loop.call_later(0, trace, "a timer")
      loop.call_soon(trace, "queued before")
      await outcome("late", late())
      `,
      function* ({ trace, after, outcome }) {
        const loop = asyncio.get_running_loop()
        const late = async_with(timeout(-1), function* () {
          loop.call_soon(trace, "queued after")
          yield* after(9)
        })
        loop.call_later(0, trace, "a timer")
        loop.call_soon(trace, "queued before")
        yield* outcome("late", late)
      }
    ))

  it("cancelled before it is entered, while it runs, and in the pass in which the body ends", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def timed(delay):
          async with asyncio.timeout(5) as deadline:
              try:
                  return await after(delay)
              finally:
                  trace("leaves", deadline.expired(), requests())
      async def cancelled_at(delay, body):
          task = asyncio.create_task(timed(body))
          if delay > 0:
              await asyncio.sleep(0)
              loop.call_later(delay, task.cancel, "m")
          else:
              task.cancel("m")
          await outcome("task", task)
          trace(task.cancelling())
      await cancelled_at(0, 3)
      await cancelled_at(1, 3)
      await cancelled_at(3, 3)
      await cancelled_at(5, 9)
      `,
      function* ({ trace, after, outcome, requests }) {
        const loop = asyncio.get_running_loop()
        const timed = (delay: number) =>
          async_with(timeout(5), function* (deadline) {
            try {
              return yield* after(delay)
            } finally {
              trace("leaves", deadline.expired(), requests())
            }
          })
        const cancelled_at = asyncio.coroutine(function* cancelled_at(delay: number, body: number) {
          const task = asyncio.create_task(timed(body))
          if (delay > 0) {
            yield* asyncio.sleep(0)
            loop.call_later(delay, () => task.cancel("m"))
          } else task.cancel("m")
          yield* outcome("task", task)
          trace(task.cancelling())
        })
        yield* cancelled_at(0, 3)
        yield* cancelled_at(1, 3)
        yield* cancelled_at(3, 3)
        yield* cancelled_at(5, 9)
      },
      // The coroutine whose task is cancelled before its first step was begun in CPython's eyes, in neither was its body.
      { ignore: ["warnings"] }
    ))
})
