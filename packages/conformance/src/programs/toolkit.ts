// What the printed programs find around them, and how they are run: the TypeScript half of toolkit.py, function by function.

import * as asyncio from "@skein/asyncio"
import * as builtins from "@skein/asyncio/builtins"
import { repr } from "@skein/asyncio/builtins"
import * as contextlib from "@skein/asyncio/contextlib"
import { type Context, ContextVar, copy_context } from "@skein/asyncio/contextvars"
import { catch_warnings } from "@skein/asyncio/warnings"

type AnyTask = asyncio.Task<unknown, unknown>
type AnyFuture = asyncio.Future<unknown, unknown>

/** What a program did, before the two sides are made comparable. */
export interface Raw {
  /** The pass in which it began, and how many unnamed tasks there were before. */
  readonly first: number
  readonly offset: number
  readonly marks: ReadonlyArray<
    readonly [pass: number, time: number, task: string | null, values: ReadonlyArray<unknown>]
  >
  readonly outcome: readonly [type: string, shown: string] | null
  readonly log: ReadonlyArray<readonly [level: string, message: string]>
  readonly warnings: ReadonlyArray<readonly [category: string, message: string]>
  /** True if an asynchronous generator was closed, answered with another value, and stands there for good. Told by ours. */
  readonly forgets?: boolean
}

class Boom extends builtins.BaseException {}

/** An awaitable of one's own. */
class Custom {
  private readonly awaitable: Iterable<unknown, unknown, never>

  constructor(awaitable: Iterable<unknown, unknown, never>) {
    this.awaitable = awaitable
  }

  *__await__(): Generator<unknown, unknown, never> {
    return yield* this.awaitable
  }

  [Symbol.iterator](): Generator<unknown, unknown, never> {
    return this.__await__()
  }
}

const group_of = (message: unknown) =>
  new builtins.ExceptionGroup("by hand", [
    new builtins.ValueError(message),
    new builtins.ExceptionGroup("inner", [new builtins.TimeoutError(message)])
  ])

const group_with_cancellation = (message: unknown) =>
  new builtins.BaseExceptionGroup("by hand", [new asyncio.CancelledError(message), new builtins.RuntimeError(message)])

const FUEL = 40
const ROUNDS = 30
const OPEN_TO_ALL = 1000

const state = (future: AnyFuture): string => (!future.done() ? "pending" : future.cancelled() ? "cancelled" : "done")

const shown = (value: unknown): string => {
  if (value instanceof Error) {
    const { message, exceptions, cause, name } = value as Error & { exceptions?: ReadonlyArray<unknown> }
    const text =
      exceptions === undefined ? repr(value) : `${name}(${repr(message)}, [${exceptions.map(shown).join(", ")}])`
    return cause === undefined ? text : `${text} from ${shown(cause)}`
  }
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`
  return asyncio.isfuture(value) ? state(value) : repr(value)
}

const nameOf = (future: AnyFuture): string =>
  future instanceof asyncio.Task
    ? future.get_name()
    : future.constructor.name === "_GatheringFuture"
      ? "_GatheringFuture"
      : "Future"

const modulo = <T>(list: ReadonlyArray<T>, k: number): T => list[k % list.length] as T

const step = asyncio.coroutine(function* step(
  generators: ReadonlyArray<asyncio.AsyncGenerator<unknown, unknown>>,
  k: number,
  how: string,
  value: number
) {
  if (generators.length === 0) return undefined
  const generator = modulo(generators, k)
  if (how === "anext") return yield* asyncio.anext(generator, "default")
  if (how === "asend") return yield* generator.asend(value % 3 === 0 ? value : undefined)
  if (how === "athrow") {
    const errors = [builtins.ValueError, builtins.GeneratorExit, asyncio.CancelledError, builtins.StopAsyncIteration]
    try {
      return yield* generator.athrow(new (modulo(errors, value))(value))
    } catch (error) {
      if (!(error instanceof builtins.GeneratorExit)) throw error
      throw new builtins.RuntimeError("left by GeneratorExit", { cause: error })
    }
  }
  return yield* generator.aclose()
})

const isOfCollector = (message: string | undefined): boolean =>
  message !== undefined && (message.endsWith(" exception was never retrieved") || message.includes("was destroyed but"))

/** One program on its stage: the tools it works with, and what it has made. */
export class Stage {
  readonly tasks: Array<AnyTask> = []
  private readonly numbers = new Map<AnyTask, number>()
  private readonly made: Array<readonly [future: AnyFuture, maker: number]> = []
  private readonly handles: Array<asyncio.Handle> = []
  private readonly marks: Array<Raw["marks"][number]> = []
  private readonly groups: Array<asyncio.TaskGroup> = []
  private readonly timeouts: Array<asyncio.Timeout> = []
  private readonly generators: Array<asyncio.AsyncGenerator<unknown, unknown>> = []
  /** Every asynchronous generator that the program has made. */
  private readonly begun: Array<asyncio.AsyncGenerator<unknown, unknown>> = []
  private readonly contexts: Array<Context> = []
  private readonly watchers: Array<readonly [future: AnyFuture, callback: (future: AnyFuture) => void]> = []
  private fuel = FUEL
  private count = 0
  private loop: asyncio.EventLoop | undefined = undefined
  private first = 0
  private offset = 0

  readonly trace = (...values: ReadonlyArray<unknown>): void => {
    const loop = asyncio._get_running_loop()
    const task = loop === undefined ? undefined : asyncio.current_task(loop)
    const plain = values.map((value) => value ?? null)
    this.marks.push([this.loop?._passes ?? 0, loop?.time() ?? 0, task === undefined ? null : task.get_name(), plain])
  }

  private me(): number {
    const task = asyncio.current_task() as AnyTask | undefined
    return task === undefined ? this.tasks.length : this.known(task)
  }

  private known(task: AnyTask): number {
    const number = this.numbers.get(task)
    if (number !== undefined) return number
    this.numbers.set(task, this.tasks.length)
    return this.tasks.push(task) - 1
  }

  private after(): ReadonlyArray<AnyTask> {
    return this.tasks.slice(this.me() + 1)
  }

  private futures(): Array<readonly [future: AnyFuture, maker: number]> {
    if (this.made.length === 0) {
      const loop = asyncio.get_running_loop()
      this.made.push([loop.create_future(), OPEN_TO_ALL], [loop.create_future(), OPEN_TO_ALL])
    }
    return this.made
  }

  private readonly variable = new ContextVar("variable", { default: 0 })

  private readonly spawned = (id: number, task: AnyTask): void => {
    this.known(task)
    this.trace(id, "spawned", task.get_name(), task.done())
  }

  private readonly callLater = (handle: asyncio.Handle): void => {
    this.handles.push(handle)
  }

  private readonly leaving =
    (id: number, value: number): contextlib.Exit =>
    (_type, error) => {
      this.trace(id, "leaves", value, shown(error))
      return value % 2 === 1
    }

  private readonly leaving_slowly = (id: number, value: number): contextlib.Exit<asyncio.Coroutine<boolean>> => {
    const leave = this.leaving(id, value)
    return asyncio.coroutine(function* exit(...details: Parameters<typeof leave>) {
      yield* asyncio.sleep(value % 3)
      return leave(...details) as boolean
    })
  }

  /** What a printed program finds by name. */
  private readonly tracked = (body: () => Generator): (() => asyncio.AsyncGenerator) => {
    const make = asyncio.async_generator(body)
    return () => {
      const generator = make()
      this.begun.push(generator as asyncio.AsyncGenerator<unknown, unknown>)
      return generator
    }
  }

  readonly names: Readonly<Record<string, unknown>> = {
    asyncio: { ...asyncio, async_generator: this.tracked },
    ...builtins,
    contextlib,
    Boom,
    variable: this.variable,
    trace: this.trace,
    begin: (name: string): boolean => {
      this.me()
      if (--this.fuel < 0) return false
      this.trace(name, "begins", this.variable.get())
      return true
    },
    spawned: this.spawned,
    later: (k: number): AnyTask | asyncio.Coroutine<string> => {
      const after = this.after()
      return after.length === 0 ? asyncio.sleep(0, "nobody") : modulo(after, k)
    },
    several: (ks: ReadonlyArray<number>): ReadonlyArray<AnyTask> => {
      const after = this.after()
      return after.length === 0 ? [] : ks.map((k) => modulo(after, k))
    },
    future: (k: number): AnyFuture => {
      const mine = this.me()
      const open = this.futures().filter(([, maker]) => maker >= mine)
      return modulo(open, k)[0]
    },
    Custom: (awaitable: Iterable<unknown, unknown, never>) => new Custom(awaitable),
    moment: (seconds: number): number => seconds,
    group_of,
    group_with_cancellation,
    several_futures: (ks: ReadonlyArray<number>): ReadonlyArray<AnyFuture> => {
      const mine = this.me()
      const open = this.futures().filter(([, maker]) => maker >= mine)
      return ks.map((k) => modulo(open, k)[0])
    },
    cancel_future: (id: number, k: number, ...message: [] | [unknown]): void =>
      this.trace(id, "cancel", modulo(this.futures(), k)[0].cancel(...message)),
    set_eager: (eager: boolean): void =>
      asyncio.get_running_loop().set_task_factory(eager ? asyncio.eager_task_factory : undefined),
    any_task: (k: number): AnyTask => modulo(this.tasks, k),
    any_future: (k: number): AnyFuture => modulo(this.futures(), k)[0],
    keep: (awaitable: asyncio.AnyAwaitable): void => {
      const future = asyncio.ensure_future(awaitable) as AnyFuture
      this.futures().push([future, this.me()])
    },
    settle: (id: number, k: number, how: "result" | "exception" | "cancel", value: unknown): void => {
      const future = (this.futures()[k % 2] as readonly [AnyFuture, number])[0]
      if (how === "cancel") this.trace(id, future.cancel(value))
      else if (how === "result") this.trace(id, future.set_result(value))
      else this.trace(id, future.set_exception(new builtins.ValueError(value)))
    },
    cancel: (id: number, k: number, ...message: [] | [unknown]): void => {
      if (this.tasks.length === 0) return
      const task = modulo(this.tasks, k)
      this.trace(id, "cancel", task.get_name(), task.cancel(...message))
    },
    look: (id: number): void => {
      const task = asyncio.current_task() as AnyTask
      const others = this.contexts.map((context) => context.get(this.variable))
      this.trace(id, "look", task.cancelling(), this.variable.get(), this.tasks.map(state), others)
    },
    got: <T>(id: number, value: T): T => {
      this.trace(id, "got", shown(value))
      return value
    },
    waited: (id: number, [done, pending]: readonly [Set<AnyFuture>, Set<AnyFuture>]): void =>
      this.trace(id, "waited", [...done].map(nameOf), [...pending].map(nameOf)),
    finished: (id: number, future: AnyFuture): void => this.trace(id, "finished", state(future)),
    caught: (id: number, error: unknown): void => this.trace(id, "caught", shown(error)),
    sent: (id: number, value: unknown): void => {
      if (value !== undefined) this.trace(id, "sent", value)
    },
    call_soon: (callback: () => void) => this.callLater(asyncio.get_running_loop().call_soon(callback)),
    call_soon_threadsafe: (callback: () => void) =>
      this.callLater(asyncio.get_running_loop().call_soon_threadsafe(callback)),
    call_later: (delay: number, callback: () => void) =>
      this.callLater(asyncio.get_running_loop().call_later(delay, callback)),
    call_at: (when: number, callback: () => void) => this.callLater(asyncio.get_running_loop().call_at(when, callback)),
    watch: (future: AnyFuture, callback: (future: AnyFuture) => void): void => {
      future.add_done_callback(callback)
      this.watchers.push([future, callback])
    },
    unwatch: (id: number, k: number): void => {
      if (this.watchers.length === 0) return
      const [future, callback] = modulo(this.watchers, k)
      this.trace(id, "unwatch", future.remove_done_callback(callback))
    },
    peek: (id: number, k: number, how: "result" | "exception"): void => {
      if (this.tasks.length > 0) this.trace(id, "peek", shown(modulo(this.tasks, k)[how]()))
    },
    rename: (k: number, value: number): void => {
      if (this.tasks.length > 0) modulo(this.tasks, k).set_name(`N${value}`)
    },
    uncancel_task: (id: number, k: number): void => {
      if (this.tasks.length > 0) this.trace(id, "uncancel", modulo(this.tasks, k).uncancel())
    },
    other_context: (value: number): Context => {
      const context = copy_context()
      context.run(() => this.variable.set(value))
      this.contexts.push(context)
      return context
    },
    leaving: this.leaving,
    leaving_slowly: this.leaving_slowly,
    handle_by: (how: "trace" | "raise" | "default"): void => {
      const handler: asyncio.ExceptionHandler = (loop, context) => {
        // When these are reported is up to the garbage collector.
        if (isOfCollector(context.message)) return loop.default_exception_handler(context)
        this.trace("handler", context.message, Object.keys(context).sort(), this.variable.get())
        if (how === "raise") throw new builtins.ValueError("from the handler")
      }
      asyncio.get_running_loop().set_exception_handler(how === "default" ? undefined : handler)
    },
    groups: this.groups,
    timeouts: this.timeouts,
    generators: this.generators,
    show_task: (id: number, k: number): void => {
      if (this.tasks.length > 0) this.trace(id, repr(modulo(this.tasks, k)))
    },
    spawn_into: (id: number, k: number, coro: asyncio.Coroutine): void => {
      if (this.groups.length === 0) coro.close()
      else this.spawned(id, modulo(this.groups, k).create_task(coro) as AnyTask)
    },
    move: (id: number, k: number, delay: number | undefined): void => {
      if (this.timeouts.length === 0) return
      const timeout = modulo(this.timeouts, k)
      timeout.reschedule(delay === undefined ? undefined : asyncio.get_running_loop().time() + delay)
      this.trace(id, "moved", timeout.expired())
    },
    raced: (id: number, [result, index, errors]: readonly [unknown, unknown, ReadonlyArray<unknown>]): void =>
      this.trace(id, "raced", shown(result), index, errors.map(shown)),
    step: (k: number, how: string, value: number) => step(this.generators, k, how, value),
    counted: (): number => ++this.count,
    drop: (k: number): void => {
      if (this.handles.length > 0) modulo(this.handles, k).cancel()
    }
  }

  private readonly drive = asyncio.coroutine(function* drive(this: Stage, main: () => asyncio.Coroutine) {
    const { tasks } = this
    this.known(asyncio.create_task(main(), { name: "main" }) as AnyTask)
    for (let number = 0; number < ROUNDS; number++) {
      const waiting = tasks.filter((task) => !task.done())
      if (waiting.length === 0) break
      const [, pending] = yield* asyncio.wait(waiting as ReadonlyArray<unknown> as ReadonlyArray<asyncio.Task>, {
        timeout: 100
      })
      if (pending.size === 0) continue
      this.trace("round", number)
      for (const task of tasks) task.cancel("round")
    }
    for (const task of tasks) this.trace("end", task.get_name(), shown(task), task.cancelling())
    return undefined as unknown
  })

  private readonly entry = asyncio.coroutine(function* entry(
    this: Stage,
    main: () => asyncio.Coroutine,
    eager: boolean,
    driven: boolean
  ) {
    const loop = asyncio.get_running_loop()
    this.loop = loop
    this.first = loop._passes
    this.offset = Number((asyncio.current_task() as AnyTask).get_name().slice("Task-".length)) - 1
    if (eager) loop.set_task_factory(asyncio.eager_task_factory)
    return driven ? yield* this.drive(main) : yield* main()
  })

  /** Runs a program to its end. */
  async play(program: () => () => asyncio.Coroutine, eager: boolean, driven: boolean): Promise<Raw> {
    const log: Array<[string, string]> = []
    const warnings: Array<[string, string]> = []
    let outcome: Raw["outcome"] = null
    const onLog = (record: asyncio.LogRecord) => void log.push([record.level, record.message])
    asyncio.logger.addHandler(onLog)
    const restore = catch_warnings(({ category, message }) => void warnings.push([category, message]))
    try {
      await asyncio.run(this.entry(program(), eager, driven), { loop_factory: asyncio.VirtualEventLoop })
    } catch (error) {
      const { name } = error as Error
      outcome = [name, name === "Deadlock" ? "" : shown(error)]
    } finally {
      restore()
      asyncio.logger.removeHandler(onLog)
    }
    const { first, offset, marks } = this
    const forgets = this.begun.some(({ _core }) => _core.closed && !_core.ended)
    return { first, offset, marks, outcome, log, warnings, forgets }
  }
}
