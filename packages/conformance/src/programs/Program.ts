/**
 * Small asyncio programs as data: what the random differential tests are made of.
 *
 * A program is a handful of units (coroutine functions, asynchronous generators, context managers) over a few shared objects.
 * A unit calls only units that come after it, and a task awaits only tasks that came after it, so that neither recursion nor a
 * ring of awaits can arise. Whatever else is data here is meaningful wherever it stands (`normalize.ts` sees to it): a program
 * can be cut down anywhere.
 */

/** Something to await. `unit` and `k` are picks: taken modulo what there is. */
export type Awaitable =
  | { readonly is: "sleep"; readonly delay: number; readonly value: number }
  | { readonly is: "call"; readonly unit: number }
  | { readonly is: "task"; readonly k: number }
  | { readonly is: "future"; readonly k: number }
  | { readonly is: "gather"; readonly of: ReadonlyArray<Awaitable>; readonly catching: boolean }
  | { readonly is: "shield"; readonly of: Awaitable }
  | { readonly is: "wait_for"; readonly of: Awaitable; readonly timeout: number | null }
  | { readonly is: "custom"; readonly of: Awaitable }
  | { readonly is: "step"; readonly k: number; readonly how: StepName; readonly value: number }
  | {
      readonly is: "wait"
      readonly futures: boolean
      readonly ks: ReadonlyArray<number>
      readonly timeout: number | null
      readonly until: number
    }
  | { readonly is: "operation"; readonly on: Shared; readonly name: string; readonly argument?: number }

/** What is asked of an asynchronous generator. */
export type StepName = "anext" | "asend" | "athrow" | "aclose"

/** The objects that the units of a program share. */
export const shared = {
  L0: "asyncio.Lock()",
  S0: "asyncio.Semaphore(1)",
  S1: "asyncio.BoundedSemaphore(2)",
  S2: "asyncio.Semaphore(0)",
  E0: "asyncio.Event()",
  C0: "asyncio.Condition()",
  // Shares its lock with whoever uses the lock itself.
  C1: "asyncio.Condition(L0)",
  B0: "asyncio.Barrier(2)",
  B1: "asyncio.Barrier(3)",
  Q0: "asyncio.Queue(1)",
  Q1: "asyncio.LifoQueue()",
  Q2: "asyncio.PriorityQueue(2)"
} as const

export type Shared = keyof typeof shared
export type ConditionName = "C0" | "C1"

/** Operations that are awaited, and those that are not, by the kind of object. */
export const operations: Readonly<
  Record<Shared, { readonly awaited: ReadonlyArray<string>; readonly plain: ReadonlyArray<string> }>
> = {
  L0: { awaited: ["acquire"], plain: ["release", "locked"] },
  S0: { awaited: ["acquire"], plain: ["release", "locked"] },
  S1: { awaited: ["acquire"], plain: ["release", "locked"] },
  S2: { awaited: ["acquire"], plain: ["release", "locked"] },
  E0: { awaited: ["wait"], plain: ["set", "clear", "is_set"] },
  C0: { awaited: ["acquire"], plain: ["release", "notify", "notify_all", "locked"] },
  C1: { awaited: ["acquire"], plain: ["release", "notify", "notify_all", "locked"] },
  B0: { awaited: ["wait", "reset", "abort"], plain: [] },
  B1: { awaited: ["wait", "reset", "abort"], plain: [] },
  Q0: { awaited: ["get", "put", "join"], plain: ["get_nowait", "put_nowait", "task_done", "shutdown", "qsize"] },
  Q1: { awaited: ["get", "put", "join"], plain: ["get_nowait", "put_nowait", "task_done", "shutdown", "qsize"] },
  Q2: { awaited: ["get", "put", "join"], plain: ["get_nowait", "put_nowait", "task_done", "shutdown", "qsize"] }
}

export const errorNames = [
  "ValueError",
  "RuntimeError",
  "TimeoutError",
  "asyncio.CancelledError",
  "Boom",
  "KeyboardInterrupt",
  "SystemExit",
  "group_of",
  "group_with_cancellation"
] as const

export const handledNames = [
  "BaseException",
  "Exception",
  "asyncio.CancelledError",
  "ValueError",
  "TimeoutError",
  "BaseExceptionGroup"
] as const

/** What a handler does at its end. */
export type Ending = "swallow" | "raise" | "replace" | "replace from"

/** What is pushed on an exit stack. `unit` is a pick, `value` decides whether an exit swallows the error. */
export interface Pushed {
  readonly how: "callback" | "push_async_callback" | "push" | "push_async_exit"
  readonly unit: number
  readonly value: number
}

/** One statement. `id` is given by `normalize`; marks carry it. */
export type Statement = { readonly id?: number } & (
  | { readonly do: "mark" }
  | { readonly do: "await"; readonly what: Awaitable }
  | {
      readonly do: "spawn"
      readonly unit: number
      readonly named: boolean
      readonly eager: boolean | null
      readonly into: "loop" | "group"
      /** The value of the variable in a context of the task's own; null: a copy of the current context. */
      readonly context: number | null
    }
  | { readonly do: "keep"; readonly what: Awaitable }
  | { readonly do: "cancel"; readonly k: number; readonly message: number | null }
  | { readonly do: "cancel future"; readonly k: number; readonly message: number | null }
  | { readonly do: "forget"; readonly unit: number }
  | { readonly do: "factory"; readonly eager: boolean }
  | { readonly do: "timeout at"; readonly when: number; readonly body: Block }
  | {
      readonly do: "stack"
      readonly units: ReadonlyArray<number>
      readonly pushed: ReadonlyArray<Pushed>
      /** Whether the block ends by moving everything to another stack, which is closed there. */
      readonly moves: boolean
      readonly body: Block
    }
  | { readonly do: "suppress"; readonly of: number; readonly body: Block }
  | { readonly do: "with variable"; readonly value: number; readonly body: Block }
  | { readonly do: "relay"; readonly unit: number }
  | { readonly do: "peek"; readonly k: number; readonly how: "result" | "exception" }
  | { readonly do: "rename"; readonly k: number; readonly value: number }
  | { readonly do: "unwatch"; readonly k: number }
  | { readonly do: "handler"; readonly how: "trace" | "raise" | "default" }
  | { readonly do: "uncancel" }
  | { readonly do: "uncancel task"; readonly k: number }
  | { readonly do: "look" }
  | { readonly do: "show"; readonly on: Shared }
  | { readonly do: "show task"; readonly k: number }
  | { readonly do: "spawn into"; readonly k: number; readonly unit: number }
  | { readonly do: "move"; readonly k: number; readonly delay: number | null }
  | { readonly do: "race"; readonly of: ReadonlyArray<number>; readonly delay: number | null }
  | { readonly do: "begin unit"; readonly unit: number }
  | { readonly do: "wait until"; readonly on: ConditionName; readonly value: number }
  | { readonly do: "raise"; readonly error: number; readonly message: number }
  | { readonly do: "return"; readonly value: number }
  | { readonly do: "repeat"; readonly times: number; readonly body: Block }
  | {
      readonly do: "try"
      readonly body: Block
      readonly handler: { readonly of: number; readonly body: Block; readonly ending: Ending } | null
      readonly last: Block | null
    }
  | {
      readonly do: "except_star"
      readonly body: Block
      readonly of: number
      readonly handler: Block
      readonly raises: boolean
    }
  | { readonly do: "group"; readonly body: Block }
  | { readonly do: "timeout"; readonly delay: number | null; readonly body: Block }
  | { readonly do: "reschedule"; readonly delay: number | null }
  | { readonly do: "with"; readonly on: Shared; readonly body: Block }
  | { readonly do: "with unit"; readonly unit: number; readonly body: Block }
  | { readonly do: "for unit"; readonly unit: number; readonly body: Block }
  | {
      readonly do: "as_completed"
      readonly of: ReadonlyArray<Awaitable>
      readonly timeout: number | null
      readonly plain: boolean
    }
  | { readonly do: "break" }
  | { readonly do: "yield"; readonly value: number }
  | { readonly do: "wait notified"; readonly on: ConditionName }
  | { readonly do: "operation"; readonly on: Shared; readonly name: string; readonly argument?: number }
  | {
      readonly do: "settle"
      readonly k: number
      readonly how: "result" | "exception" | "cancel"
      readonly value: number
    }
  | { readonly do: "watch"; readonly task: boolean; readonly k: number; readonly body: Block }
  | {
      readonly do: "call"
      readonly how: "soon" | "soon threadsafe" | "later" | "at"
      readonly delay: number
      readonly body: Block
    }
  | { readonly do: "drop"; readonly k: number }
  | { readonly do: "set variable"; readonly value: number }
)

export type Block = ReadonlyArray<Statement>

export interface Unit {
  readonly kind: "coroutine" | "generator" | "manager"
  readonly body: Block
  /** What each statement of the body is guarded against, so that the next one is reached: a pick of {@link handledNames}. */
  readonly guard: number | null
  /** A manager's block after its `yield`, in a `finally`. */
  readonly exit: Block
  /** A manager's handler of what the block raised, before `exit`. */
  readonly handler: { readonly of: number; readonly ending: Ending } | null
}

export interface Program {
  /** The first one is the program's main coroutine. */
  readonly units: ReadonlyArray<Unit>
  /** Whether tasks start eagerly. */
  readonly eager: boolean
  /** Whether a driver cancels whoever is left waiting, again and again; else that is for `asyncio.run` to do. */
  readonly driven: boolean
}

/** The blocks that stand in a statement. */
export const blocksOf = (statement: Statement): ReadonlyArray<Block> => {
  const found: Array<Block> = []
  if ("body" in statement) found.push(statement.body)
  if (statement.do === "except_star") found.push(statement.handler)
  if (statement.do === "try") {
    if (statement.handler !== null) found.push(statement.handler.body)
    if (statement.last !== null) found.push(statement.last)
  }
  return found
}
