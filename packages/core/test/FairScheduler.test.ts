import { assert, describe, it } from "@effect/vitest"
import { Event, FairScheduler, Semaphore, Task, TaskGroup } from "@skein/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"

const worker = (trace: Array<string>, name: string, steps: number) =>
  Effect.gen(function* () {
    for (let step = 1; step <= steps; step++) {
      trace.push(`${name}${step}`)
      yield* Effect.yieldNow
    }
  })

describe("FairScheduler", () => {
  it("gives every fiber one step in turn, whoever started it", async () => {
    const trace: Array<string> = []
    const nested = Effect.all([worker(trace, "a", 3), worker(trace, "b", 3)], { concurrency: "unbounded" })
    await FairScheduler.runPromise(Effect.all([nested, worker(trace, "c", 3)], { concurrency: "unbounded" }))
    assert.strictEqual(trace.join(" "), "a1 b1 c1 a2 b2 c2 a3 b3 c3")
  })

  it("runs lower priority numbers of a pass first, and equal ones in order", () => {
    const dispatcher = FairScheduler.make().makeDispatcher()
    const trace: Array<number> = []
    for (const priority of [0, 5, -1, 0, 1, -7, 5, -1]) dispatcher.scheduleTask(() => trace.push(priority), priority)
    dispatcher.flush()
    assert.deepStrictEqual(trace, [-7, -1, -1, 0, 0, 1, 5, 5])
  })

  it("leaves to the next pass what becomes ready during a pass", () => {
    const dispatcher = FairScheduler.make().makeDispatcher()
    const trace: Array<string> = []
    dispatcher.scheduleTask(() => {
      trace.push("first")
      dispatcher.scheduleTask(() => trace.push("urgent, but later"), -1)
    }, 0)
    dispatcher.scheduleTask(() => trace.push("second"), 0)
    dispatcher.flush()
    assert.deepStrictEqual(trace, ["first", "second", "urgent, but later"])
  })

  it("runs yields, waiters that are woken and tasks that are started in the order in which they became ready", async () => {
    const trace: Array<string> = []
    const note = (what: string) => Effect.sync(() => trace.push(what))
    const program = TaskGroup.run((group) =>
      Effect.gen(function* () {
        const event = yield* Event.make()
        const semaphore = yield* Semaphore.make(1)
        yield* Semaphore.acquire(semaphore)
        yield* group.spawn(Effect.andThen(Event.wait(event), note("event")))
        yield* group.spawn(Semaphore.withPermit(semaphore, note("permit")))
        yield* Effect.yieldNow
        yield* Semaphore.release(semaphore)
        yield* group.spawn(note("task"))
        yield* Event.set(event)
        yield* Effect.yieldNow
        yield* note("yield")
      })
    )
    await FairScheduler.runPromise(program)
    assert.strictEqual(trace.join(" "), "permit task event yield")
  })

  it("leaves the host its turn while fibers only yield", async () => {
    const spin = Effect.forever(Effect.yieldNow)
    const promise = Effect.promise(() => new Promise<string>((resolve) => setTimeout(() => resolve("fired"), 0)))
    const winner = Effect.raceAllFirst([...Array.from({ length: 100 }, () => spin), promise])
    assert.strictEqual(await FairScheduler.runPromise(winner), "fired")
  })

  it("goes on with a pass that its turn cut off where it was", async () => {
    const trace: Array<number> = []
    const job = (i: number) => Effect.sync(() => trace.push(i))
    const all = Effect.all(
      Array.from({ length: 1000 }, (_, i) => job(i)).map((one) => Effect.andThen(Effect.yieldNow, one)),
      {
        concurrency: "unbounded"
      }
    )
    await FairScheduler.runPromise(all, { turn: "1 nanos" })
    assert.deepStrictEqual(trace, [...trace.keys()])
    assert.strictEqual(trace.length, 1000)
  })

  it("goes on with the others after a task that throws", () => {
    const dispatcher = FairScheduler.make().makeDispatcher()
    const trace: Array<string> = []
    dispatcher.scheduleTask(() => {
      throw new Error("broken observer")
    }, 0)
    dispatcher.scheduleTask(() => trace.push("still here"), 0)
    assert.throws(() => dispatcher.flush(), "broken observer")
    dispatcher.flush()
    assert.deepStrictEqual(trace, ["still here"])
  })

  it("as a layer reaches the tasks that the program spawns", async () => {
    const seen: Array<Scheduler.Scheduler> = []
    const look = Effect.withFiber((fiber) => Effect.sync(() => seen.push(fiber.cache.scheduler)))
    const program = TaskGroup.run((group) =>
      Effect.andThen(Effect.flatMap(group.spawn(look), Task.join), Effect.flatMap(group.spawn(look), Task.join))
    )
    const outside = await Effect.runPromise(Effect.service(Scheduler.Scheduler))
    await Effect.runPromise(program.pipe(Effect.provide(FairScheduler.layer())))
    assert.strictEqual(seen.length, 2)
    assert.strictEqual(seen[0], seen[1])
    assert.notStrictEqual(seen[0], outside)
  })

  it("passes an abort signal on, and tells how the program ended", async () => {
    const controller = new AbortController()
    const exit = FairScheduler.runPromiseExit(Effect.never, { signal: controller.signal })
    controller.abort()
    assert.isTrue(Exit.hasInterrupts(await exit))
  })

  it("lets a fiber that computes go on after its operations, behind all others", async () => {
    const trace: Array<string> = []
    const long = Effect.gen(function* () {
      for (let i = 0; i < 20_000; i++) yield* Effect.sync(() => i)
      trace.push("long")
    })
    const program = Effect.gen(function* () {
      const first = yield* Effect.forkChild(long)
      const second = yield* Effect.forkChild(Effect.sync(() => trace.push("short")))
      yield* Fiber.joinAll([first, second] as ReadonlyArray<Fiber.Fiber<unknown>>)
    })
    await FairScheduler.runPromise(program)
    assert.deepStrictEqual(trace, ["short", "long"])
  })

  it("refuses a turn without end, or of no length", () => {
    for (const turn of [0, -1, Number.POSITIVE_INFINITY]) {
      assert.throws(() => FairScheduler.make({ turn }), /positive, finite time, got/)
    }
  })
})
