// Dual functions, services and errors: what core's signatures add to an effect's type, and what they leave alone.

// @effect-diagnostics missingEffectContext:off
import { Barrier, CancelScope, Condition, Event, Lock, Queue, Retry, Semaphore, Task, VirtualTime } from "@skein/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import type * as Scope from "effect/Scope"
import { describe, expect, expectTypeOf, it } from "vitest"

class Db extends Context.Service<Db, { readonly find: (id: number) => string }>()("test/Db") {}
class Gone extends Error {
  readonly _tag = "Gone"
}

const find = (id: number): Effect.Effect<string, Gone, Db> => Effect.map(Db, (db) => db.find(id))
const provided = <A, E>(effect: Effect.Effect<A, E, Db>): Promise<A> =>
  VirtualTime.runPromise(effect.pipe(Effect.provideService(Db, { find: (id) => `row ${id}` })))

describe("an effect keeps its result, its errors and its services", () => {
  it("under a deadline: failAfter adds DeadlineError, moveOnAfter an Option, shield nothing", async () => {
    expectTypeOf(CancelScope.failAfter(find(1), "1 second")).toEqualTypeOf<
      Effect.Effect<string, Gone | CancelScope.DeadlineError, Db>
    >()
    expectTypeOf(find(1).pipe(CancelScope.failAfter("1 second"))).toEqualTypeOf<
      Effect.Effect<string, Gone | CancelScope.DeadlineError, Db>
    >()
    const moved = find(1).pipe(CancelScope.moveOnAfter("1 second"))
    expectTypeOf(moved).toEqualTypeOf<Effect.Effect<Option.Option<string>, Gone, Db>>()
    expectTypeOf(CancelScope.shield(find(1))).toEqualTypeOf<Effect.Effect<string, Gone, Db>>()
    expect(await provided(moved)).toEqual(Option.some("row 1"))
  })

  it("under a lock, a semaphore and a condition, in both orders of arguments", async () => {
    const program = Effect.gen(function* () {
      const lock = yield* Lock.make()
      expectTypeOf(lock).toEqualTypeOf<Lock.Lock>()
      const locked = Lock.withLock(lock, find(1))
      expectTypeOf(locked).toEqualTypeOf<Effect.Effect<string, Gone | Lock.SelfDeadlockError, Db>>()
      expectTypeOf(find(1).pipe(Lock.withLock(lock))).toEqualTypeOf<typeof locked>()
      const semaphore = yield* Semaphore.make(2)
      const permitted = Semaphore.withPermits(semaphore, 2, find(2))
      expectTypeOf(permitted).toEqualTypeOf<Effect.Effect<string, Gone, Db>>()
      expectTypeOf(find(2).pipe(Semaphore.withPermits(semaphore, 2))).toEqualTypeOf<typeof permitted>()
      const tried = Semaphore.withPermitsIfAvailable(semaphore, 1, find(2))
      expectTypeOf(tried).toEqualTypeOf<Effect.Effect<Option.Option<string>, Gone, Db>>()
      const condition = yield* Condition.make({ lock })
      expectTypeOf(Condition.withLock(condition, find(3))).toEqualTypeOf<typeof locked>()
      expectTypeOf(Lock.acquireScoped(lock)).toEqualTypeOf<Effect.Effect<void, Lock.SelfDeadlockError, Scope.Scope>>()
      return [yield* locked, yield* permitted]
    })
    expect(await provided(program)).toEqual(["row 1", "row 2"])
  })

  it("under a retry, whose options see the effect's own errors", async () => {
    const retried = Retry.retry(find(1), {
      attempts: 3,
      schedule: Retry.backoff({ base: "1 second" }),
      while: (error) => {
        expectTypeOf(error).toEqualTypeOf<Gone>()
        return true
      }
    })
    expectTypeOf(retried).toEqualTypeOf<Effect.Effect<string, Gone, Db>>()
    expect(await provided(retried)).toBe("row 1")
  })

  it("as a task: spawn needs a scope, join adds TaskCancelledError, await gives the exit", async () => {
    expectTypeOf(Task.spawn(find(1))).toEqualTypeOf<Effect.Effect<Task.Task<string, Gone>, never, Db | Scope.Scope>>()
    expectTypeOf(find(1).pipe(Task.spawn({ name: "finder" }))).toEqualTypeOf<
      Effect.Effect<Task.Task<string, Gone>, never, Db | Scope.Scope>
    >()
    const program = Effect.gen(function* () {
      const task = yield* Task.spawn(find(1))
      expectTypeOf(Task.join(task)).toEqualTypeOf<Effect.Effect<string, Gone | Task.TaskCancelledError>>()
      expectTypeOf(Task.await(task)).toEqualTypeOf<Effect.Effect<Exit.Exit<string, Gone>>>()
      return yield* Task.join(task)
    })
    expect(await provided(Effect.scoped(program))).toBe("row 1")
  })

  it("on virtual time, which adds its own DeadlockError", () => {
    expectTypeOf(VirtualTime.run(find(1))).toEqualTypeOf<Effect.Effect<string, Gone | VirtualTime.DeadlockError, Db>>()
    // @ts-expect-error -- Db is not provided
    return expect(VirtualTime.runPromise(find(1))).rejects.toThrow(/Service not found: test\/Db/)
  })
})

describe("queues", () => {
  it("take and give one type of items", async () => {
    const program = Effect.gen(function* () {
      const queue = yield* Queue.make<number>({ capacity: 2 })
      expectTypeOf(queue).toEqualTypeOf<Queue.Queue<number>>()
      yield* Queue.put(queue, 1)
      const item = yield* Queue.take(queue)
      expectTypeOf(item).toEqualTypeOf<number>()
      expectTypeOf(Queue.tryTake(queue)).toEqualTypeOf<Effect.Effect<Option.Option<number>, Queue.QueueShutdownError>>()
      // @ts-expect-error -- a string in a queue of numbers
      yield* Queue.put(queue, "one")
      return item
    })
    expect(await VirtualTime.runPromise(program)).toBe(1)
  })

  it("of priorities take their order from the items", async () => {
    const program = Effect.gen(function* () {
      const queue = yield* Queue.makePriority({ order: Order.mapInput(Order.Number, (job: { at: number }) => job.at) })
      expectTypeOf(queue).toEqualTypeOf<Queue.Queue<{ at: number }>>()
      yield* Queue.put(queue, { at: 2 })
      yield* Queue.put(queue, { at: 1 })
      return yield* Queue.take(queue)
    })
    expect(await VirtualTime.runPromise(program)).toEqual({ at: 1 })
  })

  it("are not a queue of something wider", () => {
    expectTypeOf<Queue.Queue<number>>().not.toExtend<Queue.Queue<number | string>>()
    expectTypeOf<Queue.Queue<number | string>>().not.toExtend<Queue.Queue<number>>()
  })
})

describe("primitives", () => {
  it("give what their waits are about, and nothing can go wrong that is not in the type", () => {
    expectTypeOf(Event.make()).toEqualTypeOf<Effect.Effect<Event.Event>>()
    expectTypeOf(Event.wait).returns.toEqualTypeOf<Effect.Effect<void>>()
    expectTypeOf(Barrier.wait).returns.toEqualTypeOf<Effect.Effect<number, Barrier.BrokenBarrierError>>()
    expectTypeOf(Lock.release).returns.toEqualTypeOf<Effect.Effect<void, Lock.NotOwnerError>>()
    expectTypeOf(Semaphore.acquire).returns.toEqualTypeOf<Effect.Effect<void>>()
    expectTypeOf(Semaphore.release).returns.toEqualTypeOf<Effect.Effect<void, Semaphore.OverReleaseError>>()
  })

  it("are not taken for one another", async () => {
    const program = Effect.gen(function* () {
      const event = yield* Event.make()
      // @ts-expect-error -- an event where a lock is asked for
      return yield* Lock.acquire(event)
    })
    await expect(VirtualTime.runPromise(program)).rejects.toThrow()
  })

  it("are told apart by their errors' tags", () => {
    const handled = (lock: Lock.Lock) =>
      Lock.withLock(lock, Effect.fail(new Gone())).pipe(
        Effect.catchTag("SelfDeadlockError", (error) => {
          expectTypeOf(error).toEqualTypeOf<Lock.SelfDeadlockError>()
          return Effect.succeed("deadlock")
        }),
        Effect.catchTag("Gone", () => Effect.succeed("gone"))
      )
    expectTypeOf(handled).returns.toEqualTypeOf<Effect.Effect<string>>()
    return expect(VirtualTime.runPromise(Effect.flatMap(Lock.make(), handled))).resolves.toBe("gone")
  })
})
