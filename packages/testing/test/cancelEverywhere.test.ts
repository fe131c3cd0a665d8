import { EventEmitter } from "node:events"
import { CancelScope, Lock, Queue, Semaphore, Task, TaskGroup, VirtualTime } from "@skein/core"
import { type CancelCase, type CancelEverywhereError, type CancelOptions, cancelEverywhere } from "@skein/testing"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"

const sweep = <A, E>(setup: Effect.Effect<CancelCase<A, E>>, options?: CancelOptions) =>
  Effect.runPromise(cancelEverywhere(setup, options))

const errorOf = <A, E>(
  setup: Effect.Effect<CancelCase<A, E>>,
  options?: CancelOptions
): Promise<CancelEverywhereError> => Effect.runPromise(Effect.flip(cancelEverywhere(setup, options)))

const waitsOnly = { operations: false }

/** Holds a lock for a second, so that the victim has to wait for it. */
const contended = (victim: (lock: Lock.Lock) => Effect.Effect<unknown, unknown>) =>
  Effect.gen(function* () {
    const lock = yield* Lock.make("db")
    const program = TaskGroup.run((group) =>
      Effect.gen(function* () {
        yield* group.spawn(Lock.withLock(lock, Effect.sleep(1000)), { name: "holder" })
        yield* group.spawn(victim(lock), { name: "victim" })
      })
    )
    const invariant = CancelScope.failAfter(Lock.withLock(lock, Effect.void), "1 hour")
    return { program, victim: "victim", invariant }
  })

describe("cancelEverywhere finds", () => {
  it("a permit that is lost on cancellation, and names the wait", async () => {
    const setup = Effect.gen(function* () {
      const slots = yield* Semaphore.make(1, { name: "slots" })
      return {
        program: Effect.andThen(
          Effect.andThen(Semaphore.acquire(slots), Effect.sleep(10)),
          Effect.orDie(Semaphore.release(slots))
        ),
        invariant: Semaphore.withPermit(slots, Effect.void)
      }
    })
    const error = await errorOf(setup, waitsOnly)
    expect(error.message).toContain("cancelled at point 2 of 2: while it waited for 10 ms of virtual time.")
    expect(error.message).toContain("Deadlock at")
    expect(error.message).toContain('waits for Semaphore "slots"')
  })

  it("a lock that is left held, by whom", async () => {
    const error = await errorOf(
      contended((lock) =>
        Effect.andThen(Lock.acquire(lock), Effect.andThen(Effect.sleep(1), Effect.orDie(Lock.release(lock))))
      ),
      waitsOnly
    )
    expect(error.point).toBe(4)
    expect(error.trace).toEqual(['Lock "db" held by task "holder"'])
    expect(error.message).toMatch(/while it waited for 1001 ms/)
  })

  it("a task that is left running, with where it was started", async () => {
    const setup = Effect.sync(() => {
      const program = Effect.suspend(() =>
        Effect.gen(function* () {
          const scope = yield* Scope.make()
          const child = yield* Scope.provide(Task.spawn(Effect.sleep(100), { name: "child" }), scope)
          yield* Task.join(child)
        })
      )
      return { program }
    })
    const error = await errorOf(setup, waitsOnly)
    expect(error.message).toMatch(
      /task "child" sleeps until 100 ms of virtual time \(started at .*cancelEverywhere\.test\.ts:\d+\)/
    )
    expect(error.message).toContain('while it waited for the end of task "child"')
  })

  it("a timer that is left", async () => {
    const setup = Effect.succeed({
      program: Effect.andThen(Effect.forkDetach(Effect.sleep(5000)), Effect.sleep(6000))
    })
    expect((await errorOf(setup, waitsOnly)).message).toContain("sleeps until 5000 ms of virtual time")
  })

  it("a listener that is left", async () => {
    const emitter = new EventEmitter()
    function onData() {}
    const program = Effect.gen(function* () {
      emitter.on("data", onData)
      yield* Effect.sleep(1)
      emitter.removeListener("data", onData)
    })
    const error = await errorOf(Effect.succeed({ program }), { operations: false, leaks: { listeners: [emitter] } })
    emitter.removeAllListeners()
    expect(error.message).toContain('an EventEmitter still has the function onData as a listener for "data"')
  })

  it("what a preempting scheduler alone can show: a permit that was taken one operation too early", async () => {
    const setup = Effect.gen(function* () {
      const slots = yield* Semaphore.make(1)
      const take = Semaphore.acquire(slots)
      return {
        program: Effect.flatMap(take, () => Effect.ensuring(Effect.void, Effect.orDie(Semaphore.release(slots)))),
        invariant: Semaphore.withPermit(slots, Effect.void)
      }
    })
    await expect(sweep(setup, waitsOnly)).resolves.toBeDefined()
    expect((await errorOf(setup)).message).toMatch(/point \d+ of \d+: before operation \d+/)
  })

  it("a clean-up that fails", async () => {
    const setup = Effect.succeed({
      program: Effect.onInterrupt(Effect.sleep(1), () => Effect.die(new Error("disk is full")))
    })
    expect((await errorOf(setup, waitsOnly)).message).toContain("Error: disk is full")
  })

  it("a program that fails without being cancelled, and says so", async () => {
    const error = await errorOf(Effect.succeed({ program: Effect.fail("always") }))
    expect([error.point, error.message.split("\n").slice(0, 2)]).toEqual([
      0,
      ["The program does not hold even when nobody cancels it.", "always"]
    ])
  })

  it("a victim that does not exist", async () => {
    const error = await errorOf(Effect.succeed({ program: Effect.void, victim: "nobody" }))
    expect(error.message).toContain('No task called "nobody" was started')
  })
})

describe("cancelEverywhere lets pass", () => {
  it("a lock that is waited for and given back, at every operation", async () => {
    const report = await sweep(contended((lock) => Lock.withLock(lock, Effect.sleep(1))))
    const wheres = report.points.map(({ where }) => where)
    expect(wheres).toContain('while it waited for Lock "db" held by task "holder"')
    expect(wheres).toContain('woken from waiting for Lock "db" held by task "holder", before it ran')
    expect(wheres[0]).toBe("before its first step")
    expect(wheres.filter((where) => where.startsWith("before operation")).length).toBeGreaterThan(3)
  })

  it("a queue whose item is never lost", async () => {
    const setup = Effect.gen(function* () {
      const queue = yield* Queue.make<number>()
      const taken: Array<number> = []
      const program = TaskGroup.run((group) =>
        Effect.gen(function* () {
          const take = Effect.uninterruptibleMask((restore) =>
            Effect.map(restore(Queue.take(queue)), (item) => void taken.push(item))
          )
          yield* group.spawn(take, { name: "victim" })
          yield* Effect.sleep(1)
          yield* Queue.put(queue, 1)
        })
      )
      const invariant = Effect.map(Queue.size(queue), (size) => expect(size + taken.length).toBe(1))
      return { program, victim: "victim", invariant }
    })
    const report = await sweep(setup)
    expect(new Set(report.points.map(({ ended }) => ended))).toEqual(new Set(["cancelled"]))
  })

  it("a failure of the program that may be", async () => {
    const setup = Effect.sync(() => ({
      program: TaskGroup.run((group) =>
        Effect.flatMap(group.spawn(Effect.sleep(1), { name: "victim" }), (task) => Task.join(task))
      ),
      victim: "victim"
    }))
    expect((await errorOf(setup, waitsOnly)).message).toContain("was cancelled by")
    const report = await sweep(
      Effect.map(setup, (it) => ({ ...it, mayFail: true })),
      waitsOnly
    )
    expect(String(report)).toMatch(/^cancelled at \d points: \d times it ended as cancelled, 0 times it succeeded/)
  })

  it("the same when it is cancelled twice", async () => {
    const setup = contended((lock) => Lock.withLock(lock, Effect.ensuring(Effect.sleep(1), Effect.sleep(10))))
    const [once, twice] = [await sweep(setup, waitsOnly), await sweep(setup, { operations: false, twice: true })]
    const again = twice.points.filter((_, index) => index % 2 === 1)
    expect(again.length).toBe(once.points.length)
    expect(again.map(({ where }) => where)).toContain(
      "while it waited for 1001 ms of virtual time, and again while it waited for 1010 ms of virtual time"
    )
  })

  it("cancellation of everything under many schedules", async () => {
    const report = await sweep(
      contended((lock) => Lock.withLock(lock, Effect.sleep(1))),
      { operations: false, explore: { runs: 20 } }
    )
    expect(report.points.length).toBeGreaterThan(3)
  })
})

describe("cancelEverywhere", () => {
  it("comes to the same points each time", async () => {
    const setup = contended((lock) => Lock.withLock(lock, Effect.sleep(1)))
    const [one, other] = [await sweep(setup), await sweep(setup)]
    expect(other.points).toEqual(one.points)
  })

  it("runs on virtual time, also inside of virtual time", async () => {
    const program = cancelEverywhere(Effect.succeed({ program: Effect.sleep("52 weeks") }), waitsOnly)
    const report = await VirtualTime.runPromise(program)
    expect(report.points).toHaveLength(2)
  })
})
