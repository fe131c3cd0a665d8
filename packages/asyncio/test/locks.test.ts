import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { TypeError, ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { catch_warnings } from "../src/warnings.ts"

const virtual = { loop_factory: asyncio.VirtualEventLoop }
const run = <A>(main: () => Generator<unknown, A, never>): Promise<A> =>
  asyncio.run(asyncio.coroutine(main)(), virtual) as Promise<A>

/** What the deadlock report says of a program that can never go on. */
const deadlockOf = async (main: () => Generator<unknown, unknown, never>): Promise<string> => {
  const error: unknown = await run(main).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(asyncio.Deadlock)
  return (error as Error).message.replace(/0x[0-9a-f]+/g, "0x…")
}

describe("the classes", () => {
  const { Lock, Event, Condition, Semaphore, BoundedSemaphore, Barrier } = asyncio
  const made: ReadonlyArray<readonly [name: string, Class: unknown, instances: ReadonlyArray<object>]> = [
    ["Lock", Lock, [Lock(), new Lock()]],
    ["Event", Event, [Event(), new Event()]],
    ["Condition", Condition, [Condition(), new Condition()]],
    ["Semaphore", Semaphore, [Semaphore(), new Semaphore(1)]],
    ["BoundedSemaphore", BoundedSemaphore, [BoundedSemaphore(), new BoundedSemaphore(1)]],
    ["Barrier", Barrier, [Barrier(2), new Barrier(2)]]
  ]

  it.each(made)("%s is made with and without new", (name, Class, instances) => {
    for (const instance of instances) {
      expect(instance).toBeInstanceOf(Class)
      expect(instance.constructor.name).toBe(name)
      expect(inspect(instance)).toMatch(new RegExp(`^<asyncio\\.locks\\.${name} object at 0x[0-9a-f]+ \\[.*\\]>$`))
      expect(String(instance)).toBe(inspect(instance))
    }
  })

  it("a subclass shows its own name, without the module", () => {
    class Gate extends asyncio.Event {}
    expect(`${new Gate()}`).toMatch(/^<Gate object at 0x[0-9a-f]+ \[unset\]>$/)
    expect(new Gate()).toBeInstanceOf(asyncio.Event)
  })

  it("a bounded semaphore is a semaphore", () => {
    expect(asyncio.BoundedSemaphore()).toBeInstanceOf(asyncio.Semaphore)
  })

  it("refuse what is not a number, and say what to write", () => {
    expect(() => asyncio.Semaphore("3" as never)).toThrow(
      new TypeError("a semaphore's value is a number of permits, such as Semaphore(3), not '3'")
    )
    expect(() => asyncio.Semaphore(null as never)).toThrow(TypeError)
    expect(() => asyncio.Barrier(undefined as never)).toThrow(
      new TypeError("a barrier is for a number of parties, such as Barrier(3), not None")
    )
    expect(() => asyncio.BoundedSemaphore({ value: -1 })).toThrow(ValueError)
    expect(() => asyncio.Condition({ acquire() {}, locked() {} } as never)).toThrow(/has no method release\(\)/)
  })

  it("have operations that are coroutines and effects of the right type", () => {
    const lock = new asyncio.Lock()
    const condition = new asyncio.Condition(lock)
    expectTypeOf(condition).toEqualTypeOf<asyncio.Condition<asyncio.Lock>>()
    const [acquiring, waiting, meeting] = [lock.acquire(), new asyncio.Event().wait(), new asyncio.Barrier(1).wait()]
    const [reacquiring, finding] = [condition.acquire(), condition.wait_for(() => "x" as string | undefined)]
    expectTypeOf(acquiring).toEqualTypeOf<asyncio.Coroutine<true>>()
    expectTypeOf(waiting).toExtend<Effect.Effect<true, unknown, never>>()
    expectTypeOf(meeting).toEqualTypeOf<asyncio.Coroutine<number>>()
    expectTypeOf(reacquiring).toEqualTypeOf<asyncio.Coroutine<true>>()
    expectTypeOf(finding).toEqualTypeOf<asyncio.Coroutine<string | undefined>>()
    expect([asyncio.iscoroutine(acquiring), Effect.isEffect(acquiring), String(acquiring)]).toEqual([
      true,
      true,
      expect.stringMatching(/^<coroutine object Lock\.acquire at 0x[0-9a-f]+>$/)
    ])
    for (const coroutine of [acquiring, waiting, meeting, reacquiring, finding]) coroutine.close()
  })
})

describe("an operation that is not awaited", () => {
  it("does nothing, and is reported by its name", async () => {
    const warnings: Array<string> = []
    const restore = catch_warnings(({ message }) => void warnings.push(message))
    const lock = new asyncio.Lock()
    try {
      await run(function* () {
        const forgotten = lock.acquire()
        yield* asyncio.sleep(0)
        expect(asyncio.iscoroutine(forgotten)).toBe(true)
      })
    } finally {
      restore()
    }
    expect(lock.locked()).toBe(false)
    expect(warnings).toEqual(["coroutine 'Lock.acquire' was never awaited"])
  })

  it("can be run again, unlike Python's", () =>
    run(function* () {
      const semaphore = new asyncio.Semaphore(3)
      const acquiring = semaphore.acquire()
      yield* acquiring
      yield* acquiring
      expect(semaphore._value).toBe(1)
    }))
})

describe("as effects", () => {
  it("operations are awaited in Effect.gen, inside a coroutine's own effect", () =>
    run(function* () {
      const lock = new asyncio.Lock()
      const order: Array<string> = []
      yield* lock.acquire()
      const inside = asyncio.create_task(
        asyncio.coroutine(function* inside() {
          return yield* Effect.gen(function* () {
            yield* lock.acquire()
            order.push("acquired")
            return "got it"
          })
        })()
      )
      yield* asyncio.sleep(1)
      order.push("released")
      lock.release()
      expect(yield* inside).toBe("got it")
      expect(order).toEqual(["released", "acquired"])
      expect(lock.locked()).toBe(true)
    }))

  it("an interrupted wait leaves the line and takes nothing", () =>
    run(function* () {
      const lock = new asyncio.Lock()
      yield* lock.acquire()
      const late = yield* lock.acquire().pipe(Effect.timeoutOption("1 second"))
      expect(late._tag).toBe("None")
      expect(`${lock}`).toContain("[locked]")
      lock.release()
      expect(yield* lock.acquire()).toBe(true)
    }))

  it("run by themselves, in a loop of their own", async () => {
    const event = new asyncio.Event()
    event.set()
    expect(await Effect.runPromise(event.wait())).toBe(true)
  })
})

describe("a deadlock report names task, operation and primitive", () => {
  it("of a lock, and who has it", async () => {
    const report = await deadlockOf(function* main() {
      const lock = new asyncio.Lock()
      const holder = asyncio.create_task(
        (function* () {
          yield* lock.acquire()
          yield* new asyncio.Event().wait()
        })(),
        { name: "holder" }
      )
      yield* asyncio.sleep(0)
      yield* asyncio.async_with(lock, function* () {
        yield* holder
      })
    })
    expect(report.split("\n").slice(1)).toEqual([
      expect.stringMatching(
        /^task "Task-\d+" waits for Lock\.acquire on <asyncio\.locks\.Lock object at 0x… \[locked, waiters:1\]>, taken by task "holder"$/
      ),
      'task "holder" waits for Event.wait on <asyncio.locks.Event object at 0x… [unset, waiters:1]>'
    ])
  })

  it("of a task that waits for itself", async () => {
    const report = await deadlockOf(function* main() {
      const lock = new asyncio.Lock()
      asyncio.current_task()?.set_name("twice")
      yield* lock.acquire()
      yield* lock.acquire()
    })
    expect(report).toContain('task "twice" waits for Lock.acquire on')
    expect(report).toContain('taken by task "twice"')
  })

  it("of a semaphore, a condition and a barrier", async () => {
    const report = await deadlockOf(function* main() {
      const condition = new asyncio.Condition()
      const waits = {
        permits: new asyncio.Semaphore(0).acquire(),
        news: (function* () {
          yield* condition.acquire()
          yield* condition.wait()
        })(),
        party: new asyncio.Barrier(2).wait()
      }
      yield* asyncio.gather(
        ...Object.entries(waits).map(([name, wait]) => asyncio.create_task(wait as asyncio.Coroutine, { name }))
      )
    })
    expect(report.split("\n").slice(2)).toEqual([
      'task "permits" waits for Semaphore.acquire on <asyncio.locks.Semaphore object at 0x… [locked, waiters:1]>',
      'task "news" waits for Condition.wait on <asyncio.locks.Condition object at 0x… [unlocked, waiters:1]>',
      'task "party" waits for Barrier.wait on <asyncio.locks.Barrier object at 0x… [filling, waiters:1/2]>'
    ])
  })

  it("of a condition's waiter that was notified and has to get the lock back", async () => {
    const report = await deadlockOf(function* main() {
      const condition = new asyncio.Condition()
      const waiter = asyncio.create_task(
        (function* () {
          yield* condition.acquire()
          yield* condition.wait()
        })(),
        { name: "waiter" }
      )
      yield* asyncio.sleep(0)
      yield* condition.acquire()
      condition.notify()
      yield* waiter
    })
    expect(report).toContain('task "waiter" waits for Lock.acquire on <asyncio.locks.Lock object')
  })
})

describe("subclasses", () => {
  it("async_with enters by their own acquire", () =>
    run(function* () {
      const calls: Array<string> = []
      class Logged extends asyncio.Lock {
        override acquire(): asyncio.Coroutine<true> {
          calls.push("acquire")
          return super.acquire()
        }
        override release(): void {
          calls.push("release")
          super.release()
        }
      }
      const lock = new Logged()
      yield* asyncio.async_with(lock, function* () {
        calls.push(`${lock.locked()}`)
      })
      const condition = new asyncio.Condition(lock)
      yield* asyncio.async_with(condition, function* () {
        const waiting = asyncio.create_task(
          (function* () {
            yield* condition.acquire()
            condition.notify_all()
            condition.release()
          })()
        )
        yield* condition.wait()
        yield* waiting
      })
      expect(calls).toEqual([
        ...["acquire", "true", "release"],
        ...["acquire", "release", "acquire", "release", "acquire", "release"]
      ])
    }))

  it("173 a condition stands on anything with acquire, release, locked; a cancelled wait takes it back first", () =>
    run(function* () {
      const turns: Array<string> = []
      class Turnstile {
        private readonly inner = new asyncio.Semaphore(1)
        locked() {
          return this.inner.locked()
        }
        *acquire() {
          yield* this.inner.acquire()
          turns.push("in")
          return true
        }
        release() {
          turns.push("out")
          this.inner.release()
        }
      }
      const condition = new asyncio.Condition(new Turnstile())
      const waiter = asyncio.create_task(
        (function* () {
          yield* condition.acquire()
          try {
            yield* condition.wait()
          } finally {
            turns.push(`left while ${condition.locked()}`)
            condition.release()
          }
        })()
      )
      yield* asyncio.sleep(1)
      yield* condition.acquire()
      waiter.cancel("once")
      yield* asyncio.sleep(1)
      waiter.cancel("twice")
      yield* asyncio.sleep(1)
      turns.push("go")
      condition.release()
      const [outcome] = yield* asyncio.gather(waiter, { return_exceptions: true })
      expect(outcome).toBeInstanceOf(asyncio.CancelledError)
      expect(turns).toEqual(["in", "out", "in", "go", "out", "in", "left while true", "out"])
    }))
})

describe("a coroutine that is dropped while it waits", () => {
  const started = <A>(make: () => asyncio.Coroutine<A>) => {
    const generator = make()._begin()
    generator.next()
    return generator
  }

  it("gives up its place, and a turn that it had already", () =>
    run(function* () {
      const lock = new asyncio.Lock()
      yield* lock.acquire()
      const dropped = started(() => lock.acquire())
      const second = asyncio.create_task(lock.acquire())
      yield* asyncio.sleep(0)
      lock.release()
      dropped.return(true as never)
      yield* second
      expect(`${lock}`).toContain("[locked]")

      const semaphore = new asyncio.Semaphore(0)
      const taker = started(() => semaphore.acquire())
      semaphore.release()
      taker.return(true as never)
      expect(semaphore._value).toBe(1)

      const event = new asyncio.Event()
      started(() => event.wait()).return(true as never)
      expect(`${event}`).toContain("[unset]")

      const condition = new asyncio.Condition()
      yield* condition.acquire()
      started(() => condition.wait()).return(true as never)
      expect(`${condition}`).toContain("[unlocked]")
    }))

  it("or that is driven on before its time, is refused", () =>
    run(function* () {
      const event = new asyncio.Event()
      expect(() => started(() => event.wait()).next()).toThrow("await wasn't used with future")
    }))
})

describe("many waiters", () => {
  it("100,000 cancelled ones do not keep a release from the one that is left", () =>
    run(function* () {
      const semaphore = new asyncio.Semaphore(0)
      const tasks = Array.from({ length: 100_000 }, () => asyncio.create_task(semaphore.acquire()))
      const last = asyncio.create_task(semaphore.acquire())
      yield* asyncio.sleep(0)
      for (const task of tasks) task.cancel()
      semaphore.release()
      expect(yield* last).toBe(true)
      expect(`${semaphore}`).toContain("[locked]")
    }))
})
