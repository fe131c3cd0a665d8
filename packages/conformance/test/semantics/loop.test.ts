// The loop and its order: statements 1 to 25.

import * as asyncio from "@skein/asyncio"
import { describe, expect, it } from "vitest"
import { expectSame } from "../support/same.ts"

const { KeyboardInterrupt, SystemExit, ValueError } = await import("@skein/asyncio/builtins")

describe("the loop's order", () => {
  it("1 call_soon is first in, first out; what a pass queues runs in the next one", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def outer(n):
              trace("outer", n)
              loop.call_soon(trace, "inner", n)
          for n in range(3):
              loop.call_soon(outer, n)
          for n in range(3):
              trace("main", n)
              await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const outer = (n: number) => {
              trace("outer", n)
              loop.call_soon(trace, "inner", n)
            }
            for (let n = 0; n < 3; n++) loop.call_soon(outer, n)
            for (let n = 0; n < 3; n++) {
              trace("main", n)
              yield* asyncio.sleep(0)
            }
          })()
        ),
      { passes: true }
    ))

  it("2 a pass drops cancelled timers, waits if nothing is ready, queues due timers, and runs what is queued then", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          first = loop.call_later(1, trace, "cancelled")
          loop.call_later(2, lambda: (trace("timer"), loop.call_soon(trace, "queued by the timer")))
          loop.call_later(2, trace, "second timer")
          first.cancel()
          for n in range(3):
              loop.call_soon(trace, "ready", n)
          await asyncio.sleep(2)
          trace("awake")
          await asyncio.sleep(0)
          trace("end")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const first = loop.call_later(1, trace, "cancelled")
            loop.call_later(2, () => {
              trace("timer")
              loop.call_soon(trace, "queued by the timer")
            })
            loop.call_later(2, trace, "second timer")
            first.cancel()
            for (let n = 0; n < 3; n++) loop.call_soon(trace, "ready", n)
            yield* asyncio.sleep(2)
            trace("awake")
            yield* asyncio.sleep(0)
            trace("end")
          })()
        ),
      { passes: true }
    ))

  it("3 callbacks of earlier passes run before timers that became due", () =>
    expectSame(
      `
      import asyncio, time
      async def main():
          loop = asyncio.get_running_loop()
          loop.call_later(1, trace, "timer of 1")
          loop.call_later(0.5, trace, "timer of 0.5")
          def block():
              time.sleep(3)
              loop.call_soon(trace, "queued before they were due")
          loop.call_soon(block)
          await asyncio.sleep(2)
          trace("end")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop() as asyncio.VirtualEventLoop
            loop.call_later(1, trace, "timer of 1")
            loop.call_later(0.5, trace, "timer of 0.5")
            const block = () => {
              loop.block(3)
              loop.call_soon(trace, "queued before they were due")
            }
            loop.call_soon(block)
            yield* asyncio.sleep(2)
            trace("end")
          })()
        ),
      { passes: true }
    ))

  it("4 timers come out by time, equal times in order of insertion", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          for n in range(12):
              loop.call_at(5, trace, n)
          for when in (4, 6, 3.5):
              loop.call_at(when, trace, when)
          await asyncio.sleep(7)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (let n = 0; n < 12; n++) loop.call_at(5, trace, n)
            for (const when of [4, 6, 3.5]) loop.call_at(when, trace, when)
            yield* asyncio.sleep(7)
          })()
        ),
      { passes: true }
    ))

  it("5 a timer is due when it lies less than the clock's resolution of 1e-9 s ahead", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          loop.call_at(1, trace, "a")
          loop.call_at(1 + 5e-10, trace, "a + 0.5 ns")
          loop.call_at(2, trace, "b")
          loop.call_at(2 + 2e-9, trace, "b + 2 ns")
          await asyncio.sleep(3)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            loop.call_at(1, trace, "a")
            loop.call_at(1 + 5e-10, trace, "a + 0.5 ns")
            loop.call_at(2, trace, "b")
            loop.call_at(2 + 2e-9, trace, "b + 2 ns")
            yield* asyncio.sleep(3)
          })()
        ),
      { passes: true }
    ))

  it("6 call_later of 0 or less runs in the next pass, after what is queued, by time", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          trace("main")
          loop.call_later(0, trace, 0)
          loop.call_later(-1, trace, -1)
          loop.call_soon(trace, "soon")
          await asyncio.sleep(0)
          trace("main again")
          await asyncio.sleep(0)
          trace("end")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            trace("main")
            loop.call_later(0, trace, 0)
            loop.call_later(-1, trace, -1)
            loop.call_soon(trace, "soon")
            yield* asyncio.sleep(0)
            trace("main again")
            yield* asyncio.sleep(0)
            trace("end")
          })()
        ),
      { passes: true }
    ))

  it("7 call_at in the past is as good as now", () =>
    expectSame(
      `
      import asyncio
      async def main():
          await asyncio.sleep(5)
          loop = asyncio.get_running_loop()
          trace(loop.call_at(1, trace, "past").when())
          await asyncio.sleep(0)
          trace("next pass")
          await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            yield* asyncio.sleep(5)
            const loop = asyncio.get_running_loop()
            trace(loop.call_at(1, trace, "past").when())
            yield* asyncio.sleep(0)
            trace("next pass")
            yield* asyncio.sleep(0)
          })()
        ),
      { passes: true }
    ))

  it("8 call_later counts from the time of the call, which does not stand still in a pass", () =>
    expectSame(
      `
      import asyncio, time
      async def main():
          loop = asyncio.get_running_loop()
          trace(loop.call_later(1, trace, "first").when())
          time.sleep(0.25)
          trace(loop.time(), loop.call_later(1, trace, "second").when())
          await asyncio.sleep(2)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop() as asyncio.VirtualEventLoop
            trace(loop.call_later(1, trace, "first").when())
            loop.block(0.25)
            trace(loop.time(), loop.call_later(1, trace, "second").when())
            yield* asyncio.sleep(2)
          })()
        )
    ))
})

describe("handles", () => {
  it("9 a cancelled handle never runs; cancelling again or afterwards changes only the flag", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          soon, later, ran = loop.call_soon(trace, "soon"), loop.call_later(1, trace, "later"), loop.call_soon(trace, "ran")
          for handle in (soon, soon, later, later):
              trace(handle.cancelled(), handle.cancel(), handle.cancelled())
          await asyncio.sleep(2)
          trace(ran.cancelled())
          ran.cancel()
          trace(ran.cancelled())
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const [soon, later, ran] = [
              loop.call_soon(trace, "soon"),
              loop.call_later(1, trace, "later"),
              loop.call_soon(trace, "ran")
            ]
            for (const handle of [soon, soon, later, later])
              trace(handle.cancelled(), handle.cancel(), handle.cancelled())
            yield* asyncio.sleep(2)
            trace(ran.cancelled())
            ran.cancel()
            trace(ran.cancelled())
          })()
        )
    ))

  it("10 a cancelled handle lets its callback and arguments go; in debug mode its repr is kept from before", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def callback(*args): pass
          plain = loop.call_soon(callback, 1, 2)
          plain.cancel()
          trace(plain._callback, plain._args, repr(plain))
          loop.set_debug(True)
          kept = loop.call_soon(callback, 1, 2)
          before = repr(kept)
          kept.cancel()
          trace(kept._callback, kept._args, before.replace("<Handle", "<Handle cancelled") == repr(kept))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const callback = (..._args: ReadonlyArray<number>) => undefined
            const [callbackOf, argsOf] = ["_callback", "_args"] as const
            const plain = loop.call_soon(callback, 1, 2)
            plain.cancel()
            trace(plain[callbackOf as never], plain[argsOf as never], String(plain))
            loop.set_debug(true)
            const kept = loop.call_soon(callback, 1, 2)
            const before = String(kept)
            kept.cancel()
            trace(
              kept[callbackOf as never],
              kept[argsOf as never],
              before.replace("<Handle", "<Handle cancelled") === String(kept)
            )
          })()
        )
    ))

  it("24 timer handles compare by time; they are equal if callback, arguments and state are too", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def a(*args): pass
          def b(*args): pass
          one, same = loop.call_at(1, a, 1, "x"), loop.call_at(1, a, 1, "x")
          others = [loop.call_at(2, a, 1, "x"), loop.call_at(1, b, 1, "x"), loop.call_at(1, a, 2, "x"), loop.call_at(1, a)]
          trace(one < others[0], one > others[0], one < same, one <= same, others[0] >= one)
          trace(one == same, *[one == other for other in others], one == 1)
          same.cancel()
          trace(one == same)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const a = (..._args: ReadonlyArray<unknown>) => undefined
            const b = (..._args: ReadonlyArray<unknown>) => undefined
            const [one, same] = [loop.call_at(1, a, 1, "x"), loop.call_at(1, a, 1, "x")]
            const later = loop.call_at(2, a, 1, "x")
            const others = [later, loop.call_at(1, b, 1, "x"), loop.call_at(1, a, 2, "x"), loop.call_at(1, a)]
            trace(one < later, one > later, one < same, one <= same, later >= one)
            trace(one.__eq__(same), ...others.map((other) => one.__eq__(other)), one.__eq__(1))
            same.cancel()
            trace(one.__eq__(same))
          })()
        ),
      { ties: "heapq" }
    ))

  it("13 call_soon_threadsafe shares the queue of call_soon", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          loop.call_soon(trace, 1)
          loop.call_soon_threadsafe(trace, 2)
          loop.call_soon(trace, 3)
          await asyncio.sleep(0)
          trace("end")
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            loop.call_soon(trace, 1)
            loop.call_soon_threadsafe(trace, 2)
            loop.call_soon(trace, 3)
            yield* asyncio.sleep(0)
            trace("end")
          })()
        ),
      { passes: true }
    ))

  it("14 an exception in a callback goes to the exception handler, and the pass goes on", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          class Worse(BaseException): pass
          def fail(error):
              trace("raises", repr(error))
              raise error
          def handler(loop, context):
              trace(context["message"], repr(context["exception"]), sorted(context))
          loop.set_exception_handler(handler)
          loop.call_soon(fail, ValueError("v"))
          loop.call_soon(fail, Worse("w"))
          loop.call_soon(fail, asyncio.CancelledError("c"))
          loop.call_soon(trace, "goes on")
          await asyncio.sleep(0)
          trace("end")
      asyncio.run(main())
      `,
      async ({ trace, run }) => {
        const { BaseException } = await import("@skein/asyncio/builtins")
        class Worse extends BaseException {}
        return run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const fail = (error: Error) => {
              trace("raises", error)
              throw error
            }
            loop.set_exception_handler((_, context) => {
              trace(context.message, context.exception, Object.keys(context).sort())
            })
            loop.call_soon(fail, new ValueError("v"))
            loop.call_soon(fail, new Worse("w"))
            loop.call_soon(fail, new asyncio.CancelledError("c"))
            loop.call_soon(trace, "goes on")
            yield* asyncio.sleep(0)
            trace("end")
          })()
        )
      },
      { passes: true }
    ))

  it("15 KeyboardInterrupt and SystemExit leave run_forever at once; the rest of the pass stays queued", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      for error in (KeyboardInterrupt("k"), SystemExit(3)):
          def fail():
              raise error
          async def step():
              raise error
          for start in (lambda: loop.call_soon(fail), lambda: loop.create_task(step())):
              task = start()
              loop.call_soon(trace, "behind it")
              loop.call_soon(loop.stop)
              try:
                  loop.run_forever()
              except BaseException as caught:
                  trace(type(caught).__name__, str(caught), caught is error, loop.is_running())
              loop.run_forever()
              trace("second run over")
              if isinstance(task, asyncio.Task):
                  trace(task.exception() is error)
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        for (const error of [new KeyboardInterrupt("k"), new SystemExit(3)]) {
          const fail = () => {
            throw error
          }
          const step = asyncio.coroutine(function* step() {
            throw error
          })
          for (const start of [() => loop.call_soon(fail), () => loop.create_task(step())]) {
            const task = start()
            loop.call_soon(trace, "behind it")
            loop.call_soon(() => loop.stop())
            try {
              await loop.run_forever()
            } catch (caught) {
              trace((caught as Error).name, (caught as Error).message, caught === error, loop.is_running())
            }
            await loop.run_forever()
            trace("second run over")
            if (task instanceof asyncio.Task) trace(task.exception() === error)
          }
        }
        loop.close()
      }
    ))
})

describe("running and stopping", () => {
  it("16 stop ends the loop after the pass; stop beforehand makes it one pass that does not wait", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      def first():
          trace("first")
          loop.stop()
          loop.call_soon(trace, "stays queued")
      loop.call_soon(first)
      loop.call_soon(trace, "same pass")
      loop.call_later(10, trace, "timer")
      loop.run_forever()
      trace("stopped")
      loop.stop()
      loop.run_forever()
      trace("one pass", loop.time())
      loop.call_later(20, loop.stop)
      loop.run_forever()
      trace("end")
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        const first = () => {
          trace("first")
          loop.stop()
          loop.call_soon(trace, "stays queued")
        }
        loop.call_soon(first)
        loop.call_soon(trace, "same pass")
        loop.call_later(10, trace, "timer")
        await loop.run_forever()
        trace("stopped")
        loop.stop()
        await loop.run_forever()
        trace("one pass", loop.time())
        loop.call_later(20, () => loop.stop())
        await loop.run_forever()
        trace("end")
        loop.close()
      },
      { passes: true }
    ))

  it("17 run_until_complete spends one pass after the end, and takes its callback back on every exit", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      async def main():
          trace("last step")
          loop.call_soon(lambda: (trace("one pass later"), loop.call_soon(trace, "two passes later")))
          return 42
      trace(loop.run_until_complete(main()))
      future = loop.create_future()
      loop.call_soon(loop.stop)
      try:
          loop.run_until_complete(future)
      except RuntimeError as error:
          trace(str(error), repr(future))
      async def interrupted():
          raise KeyboardInterrupt
      task = loop.create_task(interrupted())
      try:
          loop.run_until_complete(task)
      except KeyboardInterrupt:
          loop.call_later(5, loop.stop)
          loop.run_forever()
          trace("was not stopped by the task")
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        const main = asyncio.coroutine(function* main() {
          trace("last step")
          loop.call_soon(() => {
            trace("one pass later")
            loop.call_soon(trace, "two passes later")
          })
          return 42
        })
        trace(await loop.run_until_complete(main()))
        const future = loop.create_future()
        loop.call_soon(() => loop.stop())
        try {
          await loop.run_until_complete(future)
        } catch (error) {
          trace((error as Error).message, String(future))
        }
        const interrupted = asyncio.coroutine(function* interrupted() {
          throw new KeyboardInterrupt()
        })
        const task = loop.create_task(interrupted())
        try {
          await loop.run_until_complete(task)
        } catch {
          loop.call_later(5, () => loop.stop())
          await loop.run_forever()
          trace("was not stopped by the task")
        }
        loop.close()
      },
      { passes: true }
    ))

  it("18 run_until_complete raises if the loop was stopped before", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      loop.call_later(1, loop.stop)
      try:
          loop.run_until_complete(loop.create_future())
      finally:
          loop.close()
      `,
      async ({ new_event_loop }) => {
        const loop = new_event_loop()
        loop.call_later(1, () => loop.stop())
        await loop.run_until_complete(loop.create_future()).finally(() => loop.close())
      }
    ))

  it("19 a closed loop refuses work; closing drops what is queued, is idempotent, and is refused while running", () =>
    expectSame(
      `
      import asyncio
      loop = asyncio.new_event_loop()
      loop.call_soon(trace, "dropped")
      loop.call_later(0, trace, "dropped")
      loop.close()
      loop.close()
      async def coro(): pass
      unused = coro()
      for call in (lambda: loop.call_soon(trace), lambda: loop.call_at(1, trace), lambda: loop.call_later(1, trace),
                   lambda: loop.call_soon_threadsafe(trace), lambda: loop.create_task(unused),
                   lambda: loop.run_forever(), lambda: loop.run_until_complete(loop.create_future())):
          try:
              call()
          except RuntimeError as error:
              trace(str(error))
      unused.close()
      trace(loop.is_closed(), loop.is_running())
      other = asyncio.new_event_loop()
      def close():
          try:
              other.close()
          except RuntimeError as error:
              trace(str(error))
          other.stop()
      other.call_soon(close)
      other.run_forever()
      trace(other.is_closed())
      other.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        loop.call_soon(trace, "dropped")
        loop.call_later(0, trace, "dropped")
        loop.close()
        loop.close()
        const coro = asyncio.coroutine(function* coro() {})
        const unused = coro()
        for (const call of [
          () => loop.call_soon(trace),
          () => loop.call_at(1, trace),
          () => loop.call_later(1, trace),
          () => loop.call_soon_threadsafe(trace),
          () => loop.create_task(unused),
          () => loop.run_forever(),
          () => loop.run_until_complete(loop.create_future())
        ]) {
          try {
            await call()
          } catch (error) {
            trace((error as Error).message)
          }
        }
        unused.close()
        trace(loop.is_closed(), loop.is_running())
        const other = new_event_loop()
        const close = () => {
          try {
            other.close()
          } catch (error) {
            trace((error as Error).message)
          }
          other.stop()
        }
        other.call_soon(close)
        await other.run_forever()
        trace(other.is_closed())
        other.close()
      }
    ))

  it("20 a loop does not run within itself, nor within another one", () =>
    expectSame(
      `
      import asyncio
      other = asyncio.new_event_loop()
      async def coro(): pass
      async def main():
          loop = asyncio.get_running_loop()
          for running in (loop, other):
              for call in (running.run_forever, lambda: running.run_until_complete(unused)):
                  unused = coro()
                  try:
                      call()
                  except RuntimeError as error:
                      trace(str(error))
                  unused.close()
      asyncio.run(main())
      other.close()
      `,
      async ({ trace, run, new_event_loop }) => {
        const other = new_event_loop()
        const coro = asyncio.coroutine(function* coro() {})
        const refused: Array<Promise<unknown>> = []
        const messages: Array<string> = []
        await run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            for (const running of [loop, other]) {
              const unused = coro()
              refused.push(running.run_forever(), running.run_until_complete(unused))
              unused.close()
            }
            for (const promise of refused) promise.catch((error: Error) => messages.push(error.message))
            // A refusal is a promise here, so that it reaches us after this pass.
            yield* asyncio.sleep(0)
          })()
        )
        await Promise.allSettled(refused)
        for (const message of messages) trace(message)
        other.close()
      },
      { ignore: ["marks"] }
    ).then((ours) => {
      const own = "This event loop is already running"
      const others = "Cannot run the event loop while another loop is running"
      expect(ours.marks.map(([, , [message]]) => message)).toEqual([own, own, others, others])
    }))

  it("21 get_running_loop works in callbacks, where there is no current task", () =>
    expectSame(
      `
      import asyncio
      async def main():
          loop = asyncio.get_running_loop()
          def callback():
              trace(asyncio.get_running_loop() is loop, asyncio.current_task())
          loop.call_soon(callback)
          loop.call_later(1, callback)
          await asyncio.sleep(2)
      asyncio.run(main())
      try:
          asyncio.get_running_loop()
      except RuntimeError as error:
          trace(str(error))
      `,
      async ({ trace, run }) => {
        await run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const callback = () => trace(asyncio.get_running_loop() === loop, asyncio.current_task())
            loop.call_soon(callback)
            loop.call_later(1, callback)
            yield* asyncio.sleep(2)
          })()
        )
        try {
          asyncio.get_running_loop()
        } catch (error) {
          trace((error as Error).message)
        }
      }
    ))

  it("22 get_event_loop outside of a running one is the loop that set_event_loop named, or an error", () =>
    expectSame(
      `
      import asyncio
      def attempt():
          try:
              return asyncio.get_event_loop() is loop
          except RuntimeError as error:
              return str(error)
      loop = asyncio.new_event_loop()
      trace(attempt())
      asyncio.set_event_loop(loop)
      trace(attempt())
      async def main():
          return asyncio.get_event_loop() is asyncio.get_running_loop(), asyncio.get_event_loop() is loop
      with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
          trace(list(runner.run(main())))
      asyncio.set_event_loop(None)
      trace(attempt())
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const loop = new_event_loop()
        const attempt = () => {
          try {
            return asyncio.get_event_loop() === loop
          } catch (error) {
            return (error as Error).message
          }
        }
        trace(attempt())
        asyncio.set_event_loop(loop)
        trace(attempt())
        const main = asyncio.coroutine(function* main() {
          return [asyncio.get_event_loop() === asyncio.get_running_loop(), asyncio.get_event_loop() === loop]
        })
        const runner = new asyncio.Runner({ loop_factory: new_event_loop })
        trace(await runner.run(main()))
        await runner.close()
        asyncio.set_event_loop(undefined)
        trace(attempt())
        loop.close()
      }
    ))

  it("23 handles run in their context: the given one, or a copy made at the call", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var", default="default")
      async def main():
          loop = asyncio.get_running_loop()
          given = contextvars.copy_context()
          given.run(var.set, "given")
          def callback(name):
              trace(name, var.get())
              var.set("set by " + name)
          var.set("copied")
          loop.call_soon(callback, "copying")
          loop.call_soon(callback, "given", context=given)
          loop.call_later(1, callback, "later", context=given)
          var.set("later value")
          await asyncio.sleep(2)
          trace(var.get(), given[var])
      asyncio.run(main())
      `,
      async ({ trace, run }) => {
        const contextvars = await import("@skein/asyncio/contextvars")
        const variable = contextvars.ContextVar<string>("var", { default: "default" })
        return run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const given = contextvars.copy_context()
            given.run(() => variable.set("given"))
            const callback = (name: string) => {
              trace(name, variable.get())
              variable.set(`set by ${name}`)
            }
            variable.set("copied")
            loop.call_soon(callback, "copying")
            loop.call_soon(callback, "given", { context: given })
            loop.call_later(1, callback, "later", { context: given })
            variable.set("later value")
            yield* asyncio.sleep(2)
            trace(variable.get(), given.get(variable))
          })()
        )
      }
    ))
})
