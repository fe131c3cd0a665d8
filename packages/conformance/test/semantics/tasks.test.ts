// Task: statements 46 to 64.

import * as asyncio from "@skein/asyncio"
import {
  BaseException,
  KeyboardInterrupt,
  repr,
  StopIteration,
  SystemExit,
  str,
  ValueError
} from "@skein/asyncio/builtins"
import * as contextvars from "@skein/asyncio/contextvars"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const outcome = (call: () => unknown): string => {
  try {
    return repr(call())
  } catch (error) {
    return `${(error as Error).name}: ${str(error)}`
  }
}

const OUTCOME = `
      import asyncio
      def outcome(call):
          try:
              return repr(call())
          except BaseException as error:
              return f"{type(error).__name__}: {error}"
`

describe("the life of a task", () => {
  it("46 create_task queues the first step; bodies start in the next pass, in order of creation", () =>
    expectSame(
      `
      import asyncio
      async def body(n):
          trace("starts", n)
      async def main():
          tasks = [asyncio.create_task(body(n)) for n in range(3)]
          trace("created")
          await asyncio.sleep(0)
          trace("next pass")
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body(n: number) {
          trace("starts", n)
        })
        return run(
          (function* main() {
            for (let n = 0; n < 3; n++) void asyncio.create_task(body(n))
            trace("created")
            yield* asyncio.sleep(0)
            trace("next pass")
          })()
        )
      },
      { passes: true }
    ))

  it("47 unnamed tasks are numbered; a name is any object's text, and None is none", () =>
    expectSame(
      `
      import asyncio
      async def body(): pass
      async def main():
          names = []
          for options in ({}, {"name": "own"}, {"name": 7}, {"name": None}, {"name": ["a", 1.5]}, {"name": ""}, {}):
              names.append(asyncio.create_task(body(), **options).get_name())
          trace(names)
          task = asyncio.current_task()
          task.set_name("renamed")
          trace(task.get_name())
          task.set_name(5)
          trace(task.get_name())
          await asyncio.sleep(0)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {})
        return run(
          (function* main() {
            const names: Array<string> = []
            const options = [
              {},
              { name: "own" },
              { name: 7 },
              { name: undefined },
              { name: ["a", 1.5] },
              { name: "" },
              {}
            ]
            for (const option of options) names.push(asyncio.create_task(body(), option).get_name())
            trace(names)
            const task = asyncio.current_task() as asyncio.Task
            task.set_name("renamed")
            trace(task.get_name())
            task.set_name(5)
            trace(task.get_name())
            yield* asyncio.sleep(0)
          })()
        )
      }
    ))

  it("48 a task has its coroutine's result or exception, and is cancelled if CancelledError leaves the coroutine", () =>
    expectSame(
      `${OUTCOME}
      async def body(outcome):
          if isinstance(outcome, BaseException):
              raise outcome
          return outcome
      async def main():
          for given in ("result", None, ValueError("v"), asyncio.CancelledError("c"), asyncio.CancelledError()):
              task = asyncio.create_task(body(given))
              trace(isinstance(task, asyncio.Future), task.done(), outcome(task.result), outcome(task.exception))
              await asyncio.sleep(0)
              trace(task.done(), task.cancelled(), outcome(task.result), outcome(task.exception), task.cancelling())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body(given: unknown) {
          if (given instanceof Error) throw given
          return given
        })
        return run(
          (function* main() {
            for (const given of [
              "result",
              undefined,
              new ValueError("v"),
              new asyncio.CancelledError("c"),
              new asyncio.CancelledError()
            ]) {
              const task = asyncio.create_task(body(given))
              trace(
                task instanceof asyncio.Future,
                task.done(),
                outcome(() => task.result()),
                outcome(() => task.exception())
              )
              yield* asyncio.sleep(0)
              trace(
                task.done(),
                task.cancelled(),
                outcome(() => task.result()),
                outcome(() => task.exception()),
                task.cancelling()
              )
            }
          })()
        )
      }
    ))

  it("49 set_result and set_exception are not for tasks", () =>
    expectSame(
      `${OUTCOME}
      async def main():
          task = asyncio.current_task()
          trace(outcome(lambda: task.set_result(1)), outcome(lambda: task.set_exception(ValueError())))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const task = asyncio.current_task() as asyncio.Task
            trace(
              outcome(() => task.set_result(1)),
              outcome(() => task.set_exception(new ValueError()))
            )
          })()
        )
    ))

  it("50 KeyboardInterrupt and SystemExit are stored and leave the loop; another BaseException is only stored", () =>
    expectSame(
      `
      import asyncio
      class Own(BaseException): pass
      loop = asyncio.new_event_loop()
      async def body(error):
          raise error
      async def rest():
          trace("the rest runs on")
      for error in (KeyboardInterrupt("k"), SystemExit(3), Own("o")):
          task = loop.create_task(body(error))
          loop.call_soon(loop.stop)
          try:
              loop.run_forever()
              trace("ended by stop")
          except BaseException as left:
              trace("left", left is error)
              loop.run_until_complete(rest())
          trace(task.done(), task.exception() is error)
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        class Own extends BaseException {}
        const loop = new_event_loop()
        const body = asyncio.coroutine(function* body(error: Error) {
          throw error
        })
        const rest = asyncio.coroutine(function* rest() {
          trace("the rest runs on")
        })
        for (const error of [new KeyboardInterrupt("k"), new SystemExit(3), new Own("o")]) {
          const task = loop.create_task(body(error))
          loop.call_soon(() => loop.stop())
          try {
            await loop.run_forever()
            trace("ended by stop")
          } catch (left) {
            trace("left", left === error)
            await loop.run_until_complete(rest())
          }
          trace(task.done(), task.exception() === error)
        }
        loop.close()
      }
    ))

  it("51 the awaiters of a task wake one pass after its last step, with the same exception object", () =>
    expectSame(
      `
      import asyncio
      async def child(error):
          await asyncio.sleep(1)
          trace("last step")
          if error: raise error
          return "result"
      async def waiter(task, error):
          try:
              trace("woke", await task)
          except ValueError as caught:
              trace("woke", caught is error)
      async def main():
          for error in (None, ValueError("v")):
              task = asyncio.create_task(child(error))
              waiters = [asyncio.create_task(waiter(task, error)) for _ in range(2)]
              await asyncio.gather(*waiters)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const child = asyncio.coroutine(function* child(error: Error | undefined) {
          yield* asyncio.sleep(1)
          trace("last step")
          if (error) throw error
          return "result"
        })
        const waiter = asyncio.coroutine(function* waiter(task: asyncio.Task<string>, error: Error | undefined) {
          try {
            trace("woke", yield* task)
          } catch (caught) {
            trace("woke", caught === error)
          }
        })
        return run(
          (function* main() {
            for (const error of [undefined, new ValueError("v")]) {
              const task = asyncio.create_task(child(error))
              const waiters = [0, 1].map(() => asyncio.create_task(waiter(task, error)))
              yield* asyncio.gather(...waiters)
            }
          })()
        )
      },
      { passes: true }
    ))

  it("52 sleep(0) steps again one pass later, behind what is queued; a longer sleep costs a timer and a wake-up", () =>
    expectSame(
      `
      import asyncio
      async def sleeper(delay):
          for n in range(3):
              trace(delay, n)
              await asyncio.sleep(delay)
          trace(delay, "end")
      async def main():
          loop = asyncio.get_running_loop()
          def tick(n):
              trace("tick", n)
              if n < 12: loop.call_soon(tick, n + 1)
          tasks = [asyncio.create_task(sleeper(delay)) for delay in (0, -1, 1, 0.5)]
          tick(0)
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const sleeper = asyncio.coroutine(function* sleeper(delay: number) {
          for (let n = 0; n < 3; n++) {
            trace(delay, n)
            yield* asyncio.sleep(delay)
          }
          trace(delay, "end")
        })
        return run(
          (function* main() {
            const loop = asyncio.get_running_loop()
            const tick = (n: number): void => {
              trace("tick", n)
              if (n < 12) loop.call_soon(tick, n + 1)
            }
            const tasks = [0, -1, 1, 0.5].map((delay) => asyncio.create_task(sleeper(delay)))
            tick(0)
            yield* asyncio.gather(...tasks)
          })()
        )
      },
      { passes: true }
    ))

  it("53 sleep refuses NaN, gives its result, and withdraws its timer when it is cancelled", () =>
    expectSame(
      `
      import asyncio
      async def main():
          try:
              await asyncio.sleep(float("nan"))
          except ValueError as error:
              trace(str(error))
          trace(await asyncio.sleep(1, "r"), await asyncio.sleep(0, "z"), await asyncio.sleep(-5, result="n"), await asyncio.sleep(1))
          task = asyncio.create_task(asyncio.sleep(3600))
          await asyncio.sleep(0)
          task.cancel()
          await asyncio.wait([task])
          trace(task.cancelled(), [handle.cancelled() for handle in asyncio.get_running_loop()._scheduled])
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            try {
              yield* asyncio.sleep(Number.NaN)
            } catch (error) {
              trace((error as Error).message)
            }
            trace(
              yield* asyncio.sleep(1, "r"),
              yield* asyncio.sleep(0, "z"),
              yield* asyncio.sleep(-5, "n"),
              yield* asyncio.sleep(1)
            )
            const task = asyncio.create_task(asyncio.sleep(3600))
            yield* asyncio.sleep(0)
            task.cancel()
            yield* asyncio.gather(task, { return_exceptions: true })
            const timers = (
              asyncio.get_running_loop() as unknown as { _timers: { nodes: Array<{ timerCancelled: boolean }> } }
            )._timers.nodes
            trace(
              task.cancelled(),
              timers.map((timer) => timer.timerCancelled)
            )
          })()
        )
    ))

  it("54 create_task takes coroutines only; ensure_future takes any awaitable", () =>
    expectSame(
      `${OUTCOME}
      async def body(): return "r"
      class Own:
          def __await__(self):
              return body().__await__()
      async def main():
          loop = asyncio.get_running_loop()
          future, task = loop.create_future(), asyncio.current_task()
          for given in (5, None, "text", future, task):
              trace(outcome(lambda: asyncio.create_task(given)))
          trace(asyncio.ensure_future(future) is future, asyncio.ensure_future(task) is task)
          trace(await asyncio.ensure_future(body()), await asyncio.ensure_future(Own()))
          for given in (5, None, body):
              trace(outcome(lambda: asyncio.ensure_future(given))[:65])
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const body = asyncio.coroutine(function* body() {
          return "r"
        })
        const own = {
          __await__: () => body()[Symbol.iterator](),
          [Symbol.iterator]: () => body()[Symbol.iterator]()
        }
        const main = asyncio.coroutine(function* main() {
          const loop = asyncio.get_running_loop()
          const [future, task] = [loop.create_future(), asyncio.current_task() as asyncio.Task]
          for (const given of [5, undefined, "text", future, task]) {
            trace(outcome(() => asyncio.create_task(given as never)))
          }
          trace(asyncio.ensure_future(future) === future, asyncio.ensure_future(task) === task)
          trace(yield* asyncio.ensure_future(body()), yield* asyncio.ensure_future(own))
          for (const given of [5, undefined, body]) {
            trace(outcome(() => asyncio.ensure_future(given as never)).slice(0, 65))
          }
        })
        return run(main())
      }
    ))

  it("55 a cancelled task hands out its CancelledError with the message once, and then fresh ones", () =>
    expectSame(
      `${OUTCOME}
      async def body():
          try:
              await asyncio.sleep(10)
          except asyncio.CancelledError as error:
              seen.append(error)
              raise
      seen = []
      async def main():
          for look in (lambda task: task.result(), lambda task: task.exception()):
              task = asyncio.create_task(body())
              await asyncio.sleep(0)
              task.cancel("message")
              await asyncio.sleep(0)
              errors = []
              for _ in range(3):
                  try:
                      look(task)
                  except asyncio.CancelledError as error:
                      errors.append(error)
              trace([repr(error) for error in errors], errors[0] is seen[-1], errors[1] is errors[2])
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const seen: Array<unknown> = []
        const body = asyncio.coroutine(function* body() {
          try {
            yield* asyncio.sleep(10)
          } catch (error) {
            seen.push(error)
            throw error
          }
        })
        return run(
          (function* main() {
            for (const look of [
              (task: asyncio.Task<void>) => task.result(),
              (task: asyncio.Task<void>) => task.exception()
            ]) {
              const task = asyncio.create_task(body())
              yield* asyncio.sleep(0)
              task.cancel("message")
              yield* asyncio.sleep(0)
              const errors: Array<unknown> = []
              for (let n = 0; n < 3; n++) {
                try {
                  look(task)
                } catch (error) {
                  errors.push(error)
                }
              }
              trace(errors.map(repr), errors[0] === seen.at(-1), errors[1] === errors[2])
            }
          })()
        )
      }
    ))

  it("56 what is no awaitable and yet yielded is a RuntimeError, thrown into the coroutine in the next pass", () =>
    expectSame(
      `
      import asyncio
      class Bad:
          def __init__(self, value): self.value = value
          def __await__(self): return (yield self.value)
      def generator():
          yield
      async def main():
          loop = asyncio.get_running_loop()
          for value in (5, "text", asyncio.Future(), generator()):
              loop.call_soon(trace, "a pass goes by")
              try:
                  await Bad(value)
              except RuntimeError as error:
                  trace(str(error).replace("object generator at", "object at"))
          trace(await Bad(None))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        // oxlint-disable-next-line unicorn/consistent-function-scoping -- beside its Python twin
        function* generator() {
          yield
        }
        const main = asyncio.coroutine(function* main(): Generator<unknown, void, never> {
          const loop = asyncio.get_running_loop()
          for (const value of [5, "text", new asyncio.Future(), generator()]) {
            loop.call_soon(trace, "a pass goes by")
            try {
              yield value
            } catch (error) {
              trace((error as Error).message)
            }
          }
          trace(yield undefined)
        })
        return run(main())
      },
      { passes: true }
    ))

  it("57 a future of another loop cannot be awaited", () =>
    expectSame(
      `
      import asyncio
      other = asyncio.new_event_loop()
      async def main():
          asyncio.get_running_loop().call_soon(trace, "a pass goes by")
          future = other.create_future()
          try:
              await future
          except RuntimeError as error:
              trace(str(error))
      asyncio.run(main())
      other.close()
      `,
      async ({ trace, run }) => {
        const other = new asyncio.VirtualEventLoop()
        const main = asyncio.coroutine(function* main() {
          asyncio.get_running_loop().call_soon(trace, "a pass goes by")
          const future = other.create_future()
          try {
            yield* future
          } catch (error) {
            trace((error as Error).message)
          }
        })
        await run(main())
        other.close()
      },
      { passes: true }
    ))

  it("58 a task cannot await itself", () =>
    expectSame(
      `
      import asyncio
      async def main():
          try:
              await asyncio.current_task()
          except RuntimeError as error:
              trace(str(error))
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const main = asyncio.coroutine(function* main() {
          try {
            yield* asyncio.current_task() as asyncio.Task
          } catch (error) {
            trace((error as Error).message)
          }
        })
        return run(main())
      }
    ))

  it("59 current_task is the task of the running step; all_tasks are those not done, the current one included", () =>
    expectSame(
      `
      import asyncio
      def names():
          return sorted(task.get_name() for task in asyncio.all_tasks())
      async def child():
          trace(asyncio.current_task().get_name(), names())
          await asyncio.sleep(0)
          trace(names())
      async def main():
          trace(names())
          tasks = [asyncio.create_task(child(), name=f"child {n}") for n in range(2)]
          trace(names())
          for _ in range(3):
              await asyncio.sleep(0)
              trace(asyncio.current_task().get_name(), names())
          other = asyncio.new_event_loop()
          trace(asyncio.current_task(other), asyncio.all_tasks(other))
          other.close()
      asyncio.run(main())
      for function in (asyncio.current_task, asyncio.all_tasks):
          try:
              function()
          except RuntimeError as error:
              trace(str(error))
      `,
      async ({ trace, run }) => {
        const names = () => [...asyncio.all_tasks()].map((task) => task.get_name()).sort()
        const child = asyncio.coroutine(function* child() {
          trace(asyncio.current_task()?.get_name(), names())
          yield* asyncio.sleep(0)
          trace(names())
        })
        await run(
          (function* main() {
            trace(names())
            for (let n = 0; n < 2; n++) void asyncio.create_task(child(), { name: `child ${n}` })
            trace(names())
            for (let n = 0; n < 3; n++) {
              yield* asyncio.sleep(0)
              trace(asyncio.current_task()?.get_name(), names())
            }
            const other = new asyncio.VirtualEventLoop()
            trace(asyncio.current_task(other), asyncio.all_tasks(other))
            other.close()
          })()
        )
        for (const call of [() => asyncio.current_task(), () => asyncio.all_tasks()]) {
          try {
            call()
          } catch (error) {
            trace((error as Error).message)
          }
        }
      }
    ))

  it("60 the main task of run_until_complete and the tasks that gather made are not reported", () =>
    expectSame(
      `
      import asyncio
      async def body():
          await asyncio.sleep(10)
      async def main():
          given = asyncio.create_task(body(), name="given to gather")
          await asyncio.gather(body(), given)
      loop = asyncio.new_event_loop()
      loop.set_exception_handler(lambda loop, context: trace(context["message"], context["task"].get_name()))
      loop.call_later(1, loop.stop)
      try:
          loop.run_until_complete(main())
      except RuntimeError as error:
          trace(str(error))
      loop.close()
      `,
      async ({ trace, new_event_loop }) => {
        const body = asyncio.coroutine(function* body() {
          yield* asyncio.sleep(10)
        })
        const main = asyncio.coroutine(function* main() {
          const given = asyncio.create_task(body(), { name: "given to gather" })
          yield* asyncio.gather(body(), given)
        })
        const loop = new_event_loop()
        loop.set_exception_handler((_, context) => trace(context.message, (context.task as asyncio.Task).get_name()))
        loop.call_later(1, () => loop.stop())
        try {
          await loop.run_until_complete(main())
        } catch (error) {
          trace((error as Error).message)
        }
        loop.close()
      }
    ))

  it("61 get_coro, get_context and get_name tell what was handed in", () =>
    expectSame(
      `
      import asyncio, contextvars
      var = contextvars.ContextVar("var")
      async def body():
          var.set("set inside")
          await asyncio.sleep(0)
      async def main():
          coro, context = body(), contextvars.copy_context()
          task = asyncio.create_task(coro, name="n", context=context)
          trace(task.get_coro() is coro, task.get_context() is context, task.get_name(), len(task.get_stack()))
          await task
          trace(task.get_coro() is coro, context[var], len(task.get_stack()))
          trace(asyncio.current_task().get_context() is contextvars.copy_context())
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const variable = contextvars.ContextVar<string>("var")
        const body = asyncio.coroutine(function* body() {
          variable.set("set inside")
          yield* asyncio.sleep(0)
        })
        return run(
          (function* main() {
            const [coro, context] = [body(), contextvars.copy_context()]
            const task = asyncio.create_task(coro, { name: "n", context })
            trace(task.get_coro() === coro, task.get_context() === context, task.get_name(), task.get_stack().length)
            yield* task
            trace(task.get_coro() === coro, context.get(variable), task.get_stack().length)
            trace(asyncio.current_task()?.get_context() === contextvars.copy_context())
          })()
        )
      }
    ))

  it("62 create_task of a closed loop raises, and the coroutine is reported as never awaited", () =>
    expectSame(
      `
      import asyncio
      async def body(): pass
      loop = asyncio.new_event_loop()
      loop.close()
      async def main():
          try:
              loop.create_task(body())
          except RuntimeError as error:
              trace(str(error))
      asyncio.run(main())
      `,
      ({ trace, run, new_event_loop }) => {
        const body = asyncio.coroutine(function* body() {})
        const loop = new_event_loop()
        loop.close()
        const main = asyncio.coroutine(function* main() {
          try {
            void loop.create_task(body())
          } catch (error) {
            trace((error as Error).message)
          }
        })
        return run(main())
      }
    ))

  it("60 a task that is pending when its loop goes is reported", () =>
    expectSame(
      `
      import asyncio
      async def body():
          await asyncio.sleep(1)
      loop = asyncio.new_event_loop()
      loop.set_exception_handler(lambda loop, context: trace(sorted(context), context["message"], context["task"].get_name()))
      tasks = [loop.create_task(body(), name="waiting"), loop.create_task(asyncio.sleep(0), name="done")]
      loop.call_later(0.5, loop.stop)
      loop.run_forever()
      loop.close()
      del tasks
      `,
      async ({ trace, new_event_loop }) => {
        const body = asyncio.coroutine(function* body() {
          yield* asyncio.sleep(1)
        })
        const loop = new_event_loop()
        loop.set_exception_handler((_, context) =>
          trace(Object.keys(context).sort(), context.message, (context.task as asyncio.Task).get_name())
        )
        void loop.create_task(body(), { name: "waiting" })
        void loop.create_task(asyncio.sleep(0), { name: "done" })
        loop.call_later(0.5, () => loop.stop())
        await loop.run_forever()
        loop.close()
      }
    ))

  it("63 a StopIteration that leaves a coroutine becomes a RuntimeError; one that is never awaited is warned of", () =>
    expectSame(
      `
      import asyncio
      async def stops():
          raise StopIteration("s")
      async def forgotten(): pass
      async def main():
          task = asyncio.create_task(stops())
          try:
              await task
          except RuntimeError as error:
              trace(str(error), repr(error.__cause__))
          forgotten()
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        const stops = asyncio.coroutine(function* stops() {
          throw new StopIteration("s")
        })
        const forgotten = asyncio.coroutine(function* forgotten() {})
        return run(
          (function* main() {
            const task = asyncio.create_task(stops())
            try {
              yield* task
            } catch (error) {
              trace((error as Error).message, repr((error as Error).cause))
            }
            void forgotten()
          })()
        )
      }
    ))

  it("63 a coroutine object runs once: here that holds for bare generators", () =>
    expectSame(
      `
      import asyncio
      async def body():
          await asyncio.sleep(1)
          return "r"
      async def wait(coro):
          try:
              return await coro
          except RuntimeError as error:
              return str(error)
      async def main():
          coro = body()
          trace(await wait(coro))
          trace(await wait(coro))
          coro = body()
          first, second = asyncio.create_task(wait(coro)), asyncio.create_task(wait(coro))
          trace(await first, await second)
      asyncio.run(main())
      `,
      ({ trace, run }) => {
        function* body() {
          yield* asyncio.sleep(1)
          return "r"
        }
        function* wait(coro: Generator<unknown, string, never>) {
          try {
            return yield* asyncio.ensure_future(coro)
          } catch (error) {
            return (error as Error).message
          }
        }
        return run(
          (function* main() {
            let coro = body()
            trace(yield* wait(coro))
            trace(yield* wait(coro))
            coro = body()
            const [first, second] = [asyncio.create_task(wait(coro)), asyncio.create_task(wait(coro))]
            // Two at a time: the second one finds it begun, whether or not it has ended.
            trace(
              yield* first,
              (yield* second).replace("cannot reuse already awaited coroutine", "coroutine is being awaited already")
            )
          })()
        )
      }
    ))
})
