import { EventEmitter } from "node:events"
import { CancelScope, Lock, Semaphore, Task, TaskGroup, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import { LeakError, type LeakOptions, noLeaks } from "@skein/testing"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"

/** The leaks of a program that succeeds: kinds and texts, with places cut down to the file. */
const leaksOf = async (program: Effect.Effect<unknown, unknown>, options?: LeakOptions) => {
  const exit = await VirtualTime.runPromiseExit(noLeaks(program, options))
  if (Exit.isSuccess(exit)) return []
  const error = Cause.squash(exit.cause)
  if (!(error instanceof LeakError)) throw error
  return error.leaks.map(({ kind, what, spawnSite }) => {
    const text = `${kind}: ${what.replace(/#\d+/, "#N")}`
    return spawnSite === undefined ? text : `${text} at ${spawnSite.replace(/^.*\/|\d+$/g, "")}`
  })
}

/** A scope that nobody closes: the way to leak what is made for a scope. */
const inLostScope = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.flatMap(Scope.make(), (scope) => Scope.provide(effect, scope))

describe("noLeaks names what is left behind", () => {
  it("a task that waits, with what it waits for and where it was started", async () => {
    const program = Effect.gen(function* () {
      const lock = yield* Lock.make("db")
      yield* inLostScope(Lock.acquireScoped(lock))
      yield* inLostScope(Task.spawn(Lock.acquire(lock), { name: "worker" }))
      yield* Effect.sleep(1)
    })
    expect(await leaksOf(program)).toEqual([
      'task: task "worker" waits for Lock "db" held by fiber #N at leaks.test.ts:',
      'held: Lock "db" is still held by task "main", which has ended'.replace(" at leaks.test.ts:", "")
    ])
  })

  it("a task that sleeps, and until when", async () => {
    const program = Effect.suspend(() => inLostScope(Task.spawn(Effect.sleep("1 hour"), { name: "poller" })))
    expect(await leaksOf(program)).toEqual([
      'task: task "poller" sleeps until 3600000 ms of virtual time at leaks.test.ts:'
    ])
  })

  it("a detached fiber that sleeps: a timer of the clock is left", async () => {
    const program = Effect.forkDetach(Effect.sleep("1 minute"))
    expect(await leaksOf(program)).toEqual(['fiber: fiber 2 of task "main" sleeps until 60000 ms of virtual time'])
  })

  it("a detached fiber that waits for something of Effect's own", async () => {
    const program = Effect.flatMap(Deferred.make<void>(), (deferred) => Effect.forkDetach(Deferred.await(deferred)))
    expect(await leaksOf(program)).toEqual(['fiber: fiber 2 of task "main" waits for something that is not of Skein'])
  })

  it("a lock that an ended task holds", async () => {
    const program = Effect.scoped(
      Effect.gen(function* () {
        const lock = yield* Lock.make("db")
        yield* Task.join(yield* Task.spawn(Lock.acquire(lock), { name: "writer" }))
      })
    )
    expect(await leaksOf(program)).toEqual([
      'held: Lock "db" is still held by task "writer", which has ended at leaks.test.ts:'
    ])
  })

  it("a permit whose scope nobody closes", async () => {
    const program = Effect.flatMap(Semaphore.make(2, { name: "slots" }), (slots) =>
      inLostScope(Semaphore.acquireScoped(slots))
    )
    expect(await leaksOf(program)).toEqual(['held: Semaphore "slots" is still held by task "main", which has ended'])
  })

  it("listeners on process, on an emitter and on a signal", async () => {
    const emitter = new EventEmitter()
    const { signal } = new AbortController()
    function onLate() {}
    const program = Effect.sync(() => {
      process.once("skein-test" as "exit", onLate)
      emitter.on("data", () => undefined)
      signal.addEventListener("abort", onLate)
    })
    try {
      expect(await leaksOf(program, { listeners: [emitter, signal] })).toEqual([
        'listener: process still has the function onLate as a listener for "skein-test"',
        'listener: an EventEmitter still has a function without a name as a listener for "data"',
        'listener: an AbortSignal still has the function onLate as a listener for "abort"'
      ])
    } finally {
      process.removeAllListeners("skein-test")
    }
  })

  it("and counts a second listener of the same function", async () => {
    const emitter = new EventEmitter()
    const listener = () => undefined
    emitter.on("data", listener)
    const program = Effect.sync(() => emitter.on("data", listener))
    expect(await leaksOf(program, { listeners: [emitter] })).toHaveLength(1)
  })
})

describe("noLeaks lets pass", () => {
  const clean: Readonly<Record<string, Effect.Effect<unknown, unknown>>> = {
    "a group whose tasks hold locks and sleep": TaskGroup.run((group) =>
      Effect.gen(function* () {
        const lock = yield* Lock.make()
        for (let n = 0; n < 3; n++) yield* group.spawn(Lock.withLock(lock, Effect.sleep("1 second")))
      })
    ),
    "a forked child: it ends with its parent": Effect.forkChild(Effect.never),
    "a detached fiber that was interrupted and is about to clean up": Effect.gen(function* () {
      const fiber = yield* Effect.forkDetach(Effect.ensuring(Effect.never, Effect.yieldNow), { startImmediately: true })
      yield* Effect.forkDetach(Fiber.interrupt(fiber))
    }),
    "a detached fiber that has some turns to go": Effect.forkDetach(
      Effect.forEach([1, 2, 3, 4, 5], () => Effect.yieldNow, { discard: true })
    ),
    "a deadline that was not reached": Effect.flip(
      CancelScope.failAfter(Effect.andThen(Effect.sleep("1 second"), Effect.fail("done")), "1 hour")
    ),
    "a permit that the scope around its task gives back": Effect.scoped(
      Effect.gen(function* () {
        const slots = yield* Semaphore.make(1)
        const scope = yield* Effect.scope
        yield* Task.join(yield* Task.spawn(Scope.provide(Semaphore.acquireScoped(slots), scope)))
      })
    ),
    "a listener that was removed": Effect.sync(() => {
      const listener = () => undefined
      process.on("exit", listener)
      process.removeListener("exit", listener)
    })
  }
  for (const [name, program] of Object.entries(clean)) {
    it(name, async () => {
      expect(await leaksOf(program)).toEqual([])
    })
  }

  it("what another program of the process has going", async () => {
    const other = Effect.runFork(inLostScope(Task.spawn(Effect.never, { name: "elsewhere" })))
    await Effect.runPromise(Fiber.await(other))
    const elsewhere = [...taskRegistry].find((node) => node.name === "elsewhere")
    expect(elsewhere).toBeDefined()
    expect(await leaksOf(Effect.sleep(1))).toEqual([])
    await Effect.runPromise(Task.cancel(elsewhere as unknown as Task.Task<unknown>))
  })
})

describe("noLeaks", () => {
  it("hands on the program's result, and its failure with the leaks behind it", async () => {
    expect(await VirtualTime.runPromise(noLeaks(Effect.succeed(3)))).toBe(3)
    const exit = await VirtualTime.runPromiseExit(
      noLeaks(Effect.andThen(Effect.forkDetach(Effect.never), Effect.fail("its own")))
    )
    const reasons = Exit.isFailure(exit) ? exit.cause.reasons.filter(Cause.isFailReason) : []
    expect(reasons.map(({ error }) => error)).toEqual(["its own", expect.any(LeakError)])
  })

  it("interrupts what it has named", async () => {
    let cleanedUp = false
    const program = Effect.forkDetach(Effect.onInterrupt(Effect.never, () => Effect.sync(() => (cleanedUp = true))))
    expect(await leaksOf(program)).toHaveLength(1)
    expect(cleanedUp).toBe(true)
  })

  it("makes the check when it is interrupted, after the program's clean-up", async () => {
    const program = Effect.gen(function* () {
      const checked = yield* Effect.forkChild(noLeaks(Effect.andThen(Effect.forkDetach(Effect.never), Effect.never)))
      yield* Effect.sleep(1)
      yield* Fiber.interrupt(checked)
      return yield* Fiber.await(checked)
    })
    const exit = await VirtualTime.runPromise(program)
    expect(Exit.isFailure(exit) && exit.cause.reasons.map((reason) => reason._tag)).toEqual(["Interrupt", "Fail"])
  })

  it("works on the real clock as well", async () => {
    expect(await Effect.runPromise(noLeaks(Effect.sleep(1)))).toBeUndefined()
    const error = await Effect.runPromise(Effect.flip(noLeaks(Effect.forkDetach(Effect.never))))
    expect(error.message).toContain("left one thing behind")
  })
})
