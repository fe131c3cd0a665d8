import { FifoStore, HeapStore, QueueState } from "@skein/core/kernel"
import { describe, expect, it } from "vitest"
import { Cell } from "./support/cell.ts"
import { expectSameBehaviour, type Family } from "./support/compare.ts"
import { type Doing, type QueueFace, Refused } from "./support/faces.ts"
import { MachineQueue } from "./support/machines.ts"
import { PlainQueue } from "./support/plain.ts"
import { explore, type World } from "./support/world.ts"

const make = (maxsize = 0): QueueState<number> => new QueueState(maxsize, new FifoStore<number>())

const family: Family<QueueFace> = {
  verbs: ["put", "put", "put", "get", "get", "get", "work", "join", "shutdown", "shutdown now"],
  *perform(queue, { verb, arg }, note) {
    if (verb === "put") yield* queue.put(arg)
    else if (verb === "get") note(`got ${yield* queue.get()}`)
    else if (verb === "join") yield* queue.join()
    else if (verb === "work") {
      note(`got ${yield* queue.get()}`)
      yield
      queue.taskDone()
    }
    // Rarely: what comes after a shutdown is the same for all.
    else if (arg === 0) note(`dropped ${queue.shutdown(verb === "shutdown now").join()}`)
  }
}

describe("QueueState", () => {
  it("185: is not bounded when maxsize is 0 or less, or Infinity", () => {
    for (const maxsize of [0, -1, Number.POSITIVE_INFINITY]) {
      const queue = make(maxsize)
      for (let item = 0; item < 100; item++) queue.put(item)
      expect([queue.isFull, queue.canPut, queue.size]).toEqual([false, true, 100])
    }
  })

  it("186: one put wakes one getter, in order of arrival; a woken one has left the line", () => {
    const queue = make()
    const woken: Array<number> = []
    for (const label of [0, 1]) queue.enqueueGetter(new Cell(label, woken))
    queue.put(7)
    expect([woken, queue.getters.length]).toEqual([[0], 1])
  })

  it("186: one get wakes one putter", () => {
    const queue = make(1)
    queue.put(7)
    const woken: Array<number> = []
    for (const label of [0, 1]) queue.enqueuePutter(new Cell(label, woken))
    expect(queue.get()).toBe(7)
    expect([woken, queue.putters.length]).toEqual([[0], 1])
  })

  it("187: a woken getter that gives up wakes the next one, if there is still something for it", () => {
    const queue = make()
    const woken: Array<number> = []
    const cells = [0, 1, 2].map((label) => new Cell(label, woken))
    for (const cell of cells) queue.enqueueGetter(cell)
    queue.put(7)
    queue.getterAbandoned(cells[0] as Cell)
    expect(woken).toEqual([0, 1])
    queue.get()
    queue.getterAbandoned(cells[1] as Cell)
    expect(woken).toEqual([0, 1])
  })

  it("187: a woken putter that gives up wakes the next one, if there is still room", () => {
    const queue = make(1)
    queue.put(7)
    const woken: Array<number> = []
    const cells = [0, 1].map((label) => new Cell(label, woken))
    for (const cell of cells) queue.enqueuePutter(cell)
    queue.get()
    queue.putterAbandoned(cells[0] as Cell)
    expect(woken).toEqual([0, 1])
  })

  it("189: counts unfinished work by puts, and refuses one report too many", () => {
    const queue = make()
    expect([queue.taskDone(), queue.finished.isSet]).toEqual([false, true])
    queue.put(1)
    queue.get()
    expect([queue.unfinished, queue.finished.isSet]).toEqual([1, false])
    expect([queue.taskDone(), queue.finished.isSet]).toEqual([true, true])
  })

  it("190: shutdown wakes all getters and putters", () => {
    const queue = make(1)
    queue.put(1)
    const woken: Array<number> = []
    for (const label of [0, 1, 2]) queue.enqueueGetter(new Cell(label, woken))
    for (const label of [3, 4, 5]) queue.enqueuePutter(new Cell(label, woken))
    expect(queue.shutdown(false)).toEqual([])
    expect([woken, queue.size, queue.unfinished]).toEqual([[0, 1, 2, 3, 4, 5], 1, 1])
  })

  it("191: an immediate shutdown returns what it dropped, and lowers the unfinished count by it; twice is harmless", () => {
    const queue = make()
    for (const item of [1, 2, 3]) queue.put(item)
    queue.get()
    expect(queue.shutdown(true)).toEqual([2, 3])
    expect([queue.unfinished, queue.size]).toEqual([1, 0])
    expect(queue.shutdown(true)).toEqual([])
    queue.taskDone()
    expect(queue.finished.isSet).toBe(true)
  })

  it("191: an immediate shutdown does not count below zero when more was reported done than was taken", () => {
    const queue = make()
    for (const item of [1, 2]) queue.put(item)
    queue.taskDone()
    expect(queue.shutdown(true)).toEqual([1, 2])
    expect([queue.unfinished, queue.finished.isSet]).toEqual([0, true])
  })

  it("192: an item that the store refuses counts as not put", () => {
    const queue = new QueueState<number>(
      0,
      new HeapStore(() => {
        throw new TypeError("incomparable")
      })
    )
    queue.put(1)
    expect(() => queue.put(2)).toThrow("incomparable")
    expect(queue.unfinished).toBe(1)
  })

  it("leaves to the woken what they were woken for, when it is asked by canGet and canPut", () => {
    const queue = make(1)
    const getter = new Cell(0)
    queue.enqueueGetter(getter)
    queue.put(7)
    expect([queue.isEmpty, queue.canGet]).toEqual([false, false])
    queue.getterResumed()
    expect(queue.canGet).toBe(true)
    const putter = new Cell(1)
    queue.enqueuePutter(putter)
    queue.get()
    expect([queue.isFull, queue.canPut]).toEqual([false, false])
    queue.putterAbandoned(putter)
    expect(queue.canPut).toBe(true)
  })

  it("keeps a slot for a woken putter until its task has run", () => {
    const queue = make(2)
    for (const item of [1, 2]) queue.put(item)
    const putter = new Cell(0)
    queue.enqueuePutter(putter)
    queue.get()
    expect([queue.isFull, queue.canPut]).toEqual([false, false])
    queue.putterResumed()
    expect(queue.canPut).toBe(true)
  })

  it("keeps nothing for those who give up before they were woken, cancelled or not", () => {
    for (const isCancelled of [false, true]) {
      const queue = make(1)
      const woken: Array<number> = []
      const [getter, nextGetter] = [new Cell(0, woken), new Cell(1, woken)]
      for (const cell of [getter, nextGetter]) queue.enqueueGetter(cell)
      if (isCancelled) getter.cancel()
      queue.getterAbandoned(getter)
      queue.getterAbandoned(nextGetter)
      expect([queue.getters.length, queue.canGet, queue.canPut]).toEqual([0, false, true])
      queue.put(7)
      expect([queue.canGet, queue.canPut]).toEqual([true, false])
      const [putter, nextPutter] = [new Cell(2, woken), new Cell(3, woken)]
      for (const cell of [putter, nextPutter]) queue.enqueuePutter(cell)
      if (isCancelled) putter.cancel()
      queue.putterAbandoned(putter)
      queue.putterAbandoned(nextPutter)
      queue.get()
      expect([queue.putters.length, queue.canGet, queue.canPut]).toEqual([0, false, true])
      expect(woken).toEqual([])
    }
  })

  describe.each([
    ["as in asyncio", false],
    ["in strict order", true]
  ])("%s", (_, isFair) => {
    it("loses no item and no slot, in every schedule of two putters and two getters, one of each may be cancelled", () => {
      const runs = explore((world) => transfer(world, new MachineQueue(1, isFair)))
      expect(runs).toBeGreaterThan(500)
    })

    it("wakes everybody on shutdown, in every schedule", () => {
      explore((world) => {
        const queue = new MachineQueue(1, isFair)
        function* getter(): Doing {
          try {
            for (;;) yield* queue.get()
          } catch (error) {
            if (!(error instanceof Refused)) throw error
          }
        }
        function* putter(): Doing {
          try {
            for (let item = 0; item < 2; item++) yield* queue.put(item)
          } catch (error) {
            if (!(error instanceof Refused)) throw error
          }
        }
        world.spawn("getter", getter(), { cancellable: true })
        world.spawn("putter", putter())
        world.spawn(
          "closer",
          (function* () {
            yield
            queue.shutdown(true)
          })()
        )
        world.run(() => {})
        expect(world.stuck).toEqual([])
      })
    })
  })

  it("serves getters in order of arrival when it is asked by canGet, in every schedule", () => {
    explore((world) => {
      const queue = new MachineQueue(0, true)
      const arrived: Array<string> = []
      const items = new Map<string, number>()
      function* getter(name: string): Doing {
        arrived.push(name)
        items.set(name, yield* queue.get())
      }
      for (const name of ["a", "b", "c"]) world.spawn(name, getter(name))
      world.spawn(
        "putter",
        (function* () {
          for (let item = 0; item < 3; item++) {
            yield* queue.put(item)
            yield
          }
        })()
      )
      world.run(() => {
        // Whoever has an item came before everybody in line.
        const served = arrived.filter((name) => items.has(name)).length
        expect(queue.state.getters.length + served).toBeLessThanOrEqual(arrived.length)
      })
      expect(world.stuck).toEqual([])
      expect(new Set(items.values())).toEqual(new Set([0, 1, 2]))
    })
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    for (const maxsize of [0, 1, 2]) {
      expectSameBehaviour(
        family,
        () => new MachineQueue(maxsize, false),
        () => new PlainQueue(maxsize)
      )
    }
  })
})

const transfer = (world: World, queue: MachineQueue): void => {
  const put: Array<number> = []
  const got: Array<number> = []
  function* putter(item: number): Doing {
    yield* queue.put(item)
    put.push(item)
  }
  function* getter(): Doing {
    got.push(yield* queue.get())
  }
  world.spawn("put 1", putter(1), { cancellable: true })
  world.spawn("put 2", putter(2))
  world.spawn("get 1", getter(), { cancellable: true })
  world.spawn("get 2", getter())
  world.run(() => expect(queue.state.size).toBeLessThanOrEqual(1))
  const ascending = (items: Array<number>) => items.sort((left, right) => left - right)
  expect(ascending([...got, ...queue.state.store])).toEqual(ascending([...put]))
  // Nobody waits for what is there.
  const { stuck } = world
  if (queue.state.size > 0) expect(stuck.filter((name) => name.startsWith("get"))).toEqual([])
  if (queue.state.size === 0) expect(stuck.filter((name) => name.startsWith("put"))).toEqual([])
}
