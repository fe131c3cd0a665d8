import { LockState } from "@skein/core/kernel"
import { describe, expect, it } from "vitest"
import { Cell, labelsOf } from "./support/cell.ts"
import { expectSameBehaviour, type Family } from "./support/compare.ts"
import type { LockFace } from "./support/faces.ts"
import { MachineLock } from "./support/machines.ts"
import { PlainLock } from "./support/plain.ts"
import { explore, type World } from "./support/world.ts"

const queued = (lock: LockState, count: number): { cells: Array<Cell>; woken: Array<number> } => {
  const woken: Array<number> = []
  const cells = Array.from({ length: count }, (_, label) => new Cell(label, woken))
  for (const cell of cells) {
    expect(lock.tryAcquire()).toBe(false)
    lock.enqueue(cell)
  }
  return { cells, woken }
}

const family: Family<LockFace> = {
  verbs: ["hold", "hold", "take", "release"],
  *perform(lock, { verb }, note) {
    if (verb === "release") lock.release()
    else yield* lock.acquire()
    if (verb !== "hold") return
    note("in")
    try {
      yield
    } finally {
      if (lock.locked) lock.release()
    }
  }
}

describe("LockState", () => {
  it("155: is taken at once when it is free", () => {
    const lock = new LockState()
    expect(lock.tryAcquire()).toBe(true)
    expect(lock.locked).toBe(true)
  })

  it("156: release wakes the first; the lock is open until that one runs, but a newcomer cannot take it", () => {
    const lock = new LockState()
    lock.tryAcquire()
    const { cells, woken } = queued(lock, 2)
    expect(lock.release()).toBe(true)
    expect(woken).toEqual([0])
    expect(lock.locked).toBe(false)
    expect(lock.tryAcquire()).toBe(false)
    lock.resumed(cells[0] as Cell)
    expect(lock.locked).toBe(true)
    expect(labelsOf(lock.waiters)).toEqual([1])
  })

  it("157: releasing an open lock is refused", () => {
    expect(new LockState().release()).toBe(false)
  })

  it("158: a woken waiter that gives up passes its turn on", () => {
    const lock = new LockState()
    lock.tryAcquire()
    const { cells, woken } = queued(lock, 2)
    lock.release()
    lock.abandoned(cells[0] as Cell)
    expect(woken).toEqual([0, 1])
  })

  it("159: a cancelled waiter is skipped, and when all are cancelled the lock can be taken at once", () => {
    const lock = new LockState()
    lock.tryAcquire()
    const { cells } = queued(lock, 2)
    cells[0]?.cancel()
    cells[1]?.cancel()
    lock.release()
    expect(lock.tryAcquire()).toBe(true)
  })

  it("wakes only the head: a cancelled head passes the turn on when its task runs", () => {
    const lock = new LockState()
    lock.tryAcquire()
    const { cells, woken } = queued(lock, 2)
    cells[0]?.cancel()
    lock.release()
    expect(woken).toEqual([])
    lock.abandoned(cells[0] as Cell)
    expect(woken).toEqual([1])
  })

  it("excludes, loses no turn and serves in order, in every schedule of three tasks of which each may be cancelled", () => {
    const runs = explore((world) => {
      const lock = new MachineLock()
      const arrived: Array<string> = []
      const inside: Array<string> = []
      for (const name of ["a", "b", "c"])
        world.spawn(name, holder(world, lock, name, arrived, inside), { cancellable: true })
      world.run(() => {
        expect(inside.length).toBeLessThanOrEqual(1)
        expect(inside.length === 1 ? lock.locked : true).toBe(true)
      })
      expect(world.stuck).toEqual([])
      expect([lock.locked, lock.state.waiters.length]).toEqual([false, 0])
      const entered = world.trace.filter((line) => line.startsWith("in ")).map((line) => line.slice(3))
      expect(entered).toEqual(arrived.filter((name) => entered.includes(name)))
    })
    expect(runs).toBeGreaterThan(1000)
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    expectSameBehaviour(
      family,
      () => new MachineLock(),
      () => new PlainLock()
    )
  })
})

function* holder(world: World, lock: LockFace, name: string, arrived: Array<string>, inside: Array<string>) {
  arrived.push(name)
  yield* lock.acquire()
  world.note(`in ${name}`)
  inside.push(name)
  try {
    yield
  } finally {
    inside.pop()
    lock.release()
  }
}
