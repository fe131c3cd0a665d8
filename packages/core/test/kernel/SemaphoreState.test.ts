import { SemaphoreState, WeightedSemaphoreState } from "@skein/core/kernel"
import { describe, expect, it } from "vitest"
import { Cell, labelsOf } from "./support/cell.ts"
import { expectSameBehaviour, type Family } from "./support/compare.ts"
import type { SemaphoreFace } from "./support/faces.ts"
import { MachineSemaphore } from "./support/machines.ts"
import { PlainSemaphore } from "./support/plain.ts"
import { explore, type World } from "./support/world.ts"

const queued = (
  semaphore: SemaphoreState,
  weights: ReadonlyArray<number>
): { cells: Array<Cell>; woken: Array<number> } => {
  const woken: Array<number> = []
  const cells = weights.map((weight, label) => new Cell(label, woken, weight))
  for (const cell of cells) semaphore.enqueue(cell)
  return { cells, woken }
}

const family = (heaviest: number): Family<SemaphoreFace> => ({
  verbs: ["hold", "hold", "take", "release"],
  *perform(semaphore, { verb, arg }, note) {
    const weight = 1 + (arg % heaviest)
    if (verb === "release") semaphore.release(weight)
    else yield* semaphore.acquire(weight)
    if (verb !== "hold") return
    note("in")
    try {
      yield
    } finally {
      semaphore.release(weight)
    }
  }
})

const noBound = Number.POSITIVE_INFINITY

describe("SemaphoreState", () => {
  it("162: may start at 0", () => {
    const semaphore = new SemaphoreState(0)
    expect([semaphore.locked, semaphore.tryAcquire()]).toEqual([true, false])
  })

  it("163: while somebody waits a newcomer waits too, even when a permit is free", () => {
    const semaphore = new SemaphoreState(0)
    queued(semaphore, [1])
    semaphore.release()
    semaphore.release()
    expect(semaphore.value).toBe(1)
    expect(semaphore.tryAcquire()).toBe(false)
  })

  it("164: release hands the permit to the first waiter at once", () => {
    const semaphore = new SemaphoreState(0)
    const { cells, woken } = queued(semaphore, [1, 1])
    semaphore.release()
    expect([woken, semaphore.value, semaphore.locked]).toEqual([[0], 0, true])
    semaphore.resumed(cells[0] as Cell)
    expect(labelsOf(semaphore.waiters)).toEqual([1])
  })

  it("165: a woken waiter that gives up hands its permit to the next", () => {
    const semaphore = new SemaphoreState(0)
    const { cells, woken } = queued(semaphore, [1, 1])
    semaphore.release()
    semaphore.abandoned(cells[0] as Cell)
    expect([woken, semaphore.value]).toEqual([[0, 1], 0])
  })

  it("166: several releases wake as many waiters, in order", () => {
    const semaphore = new SemaphoreState(0)
    const { woken } = queued(semaphore, [1, 1, 1])
    semaphore.release()
    semaphore.release()
    expect(woken).toEqual([0, 1])
  })

  it("167: a bounded one refuses a release above its bound", () => {
    const semaphore = new SemaphoreState(1, 1)
    expect(semaphore.release()).toBe(false)
    expect(semaphore.value).toBe(1)
    semaphore.tryAcquire()
    expect(semaphore.release()).toBe(true)
  })

  it("wakes those who queued behind it when a waiter leaves and permits are free", () => {
    const semaphore = new SemaphoreState(0)
    const { cells, woken } = queued(semaphore, [1])
    semaphore.release()
    semaphore.release()
    const late = new Cell(9, woken)
    semaphore.enqueue(late)
    semaphore.resumed(cells[0] as Cell)
    expect([woken, semaphore.value]).toEqual([[0, 9], 0])
  })

  it("loses no permit, in every schedule of three tasks that share two permits and may each be cancelled", () => {
    const runs = explore((world) => {
      const semaphore = new MachineSemaphore(new SemaphoreState(2, 2))
      share(world, semaphore, 2, [1, 1, 1])
    })
    expect(runs).toBeGreaterThan(1000)
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    for (const [value, bound] of [
      [0, undefined],
      [1, 1],
      [2, undefined],
      [2, 2]
    ] as const) {
      expectSameBehaviour(
        family(1),
        () => new MachineSemaphore(new SemaphoreState(value, bound)),
        () => new PlainSemaphore(value, bound ?? noBound, false)
      )
    }
  })
})

describe("WeightedSemaphoreState", () => {
  it("does not let a light request pass a heavy one", () => {
    const semaphore = new WeightedSemaphoreState(2)
    const { cells, woken } = queued(semaphore, [3, 1])
    expect(semaphore.tryAcquire(1)).toBe(false)
    semaphore.release(1)
    expect([woken, semaphore.value]).toEqual([[0], 0])
    semaphore.resumed(cells[0] as Cell)
    semaphore.release(3)
    expect([woken, semaphore.value]).toEqual([[0, 1], 2])
  })

  it("lets the light ones go when the heavy one before them gives up", () => {
    const semaphore = new WeightedSemaphoreState(2)
    const { cells, woken } = queued(semaphore, [3, 1, 1])
    cells[0]?.cancel()
    semaphore.abandoned(cells[0] as Cell)
    expect([woken, semaphore.value]).toEqual([[1, 2], 0])
  })

  it("wakes all that fit at once when several permits come back", () => {
    const semaphore = new WeightedSemaphoreState(0)
    const { woken } = queued(semaphore, [2, 1, 2, 1])
    semaphore.release(4)
    expect([woken, semaphore.value]).toEqual([[0, 1], 1])
  })

  it("refuses a release above its bound as a whole", () => {
    const semaphore = new WeightedSemaphoreState(3, 4)
    expect([semaphore.release(2), semaphore.value]).toEqual([false, 3])
    expect([semaphore.release(1), semaphore.value]).toEqual([true, 4])
  })

  it("loses no permit, in every schedule of three tasks of different weight that may each be cancelled", () => {
    const runs = explore((world) => {
      const semaphore = new MachineSemaphore(new WeightedSemaphoreState(3, 3))
      share(world, semaphore, 3, [2, 3, 1])
    })
    expect(runs).toBeGreaterThan(1000)
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    for (const [value, bound] of [
      [0, undefined],
      [3, 3],
      [4, undefined]
    ] as const) {
      expectSameBehaviour(
        family(3),
        () => new MachineSemaphore(new WeightedSemaphoreState(value, bound)),
        () => new PlainSemaphore(value, bound ?? noBound, true)
      )
    }
  })
})

/** Tasks that each hold some permits for one turn; checks what must hold at every step and at the end. */
const share = (world: World, semaphore: MachineSemaphore, permits: number, weights: ReadonlyArray<number>): void => {
  let held = 0
  weights.forEach((weight, index) => {
    const name = String(index)
    world.spawn(name, holder(weight, name), { cancellable: true })
  })
  function* holder(weight: number, name: string) {
    yield* semaphore.acquire(weight)
    world.note(`in ${name}`)
    held += weight
    try {
      yield
    } finally {
      held -= weight
      semaphore.release(weight)
    }
  }
  world.run(() => {
    const line = Array.from(semaphore.state.waiters, (node) => node as Cell)
    const promised = line.reduce((sum, cell) => sum + (cell.status === "woken" ? cell.weight : 0), 0)
    // Turns are given in order of arrival: nobody who was woken stands behind one who still waits.
    const statuses = line.map((cell) => cell.status).filter((status) => status !== "cancelled")
    expect(statuses).toEqual([...statuses].sort((left, right) => (left < right ? 1 : left > right ? -1 : 0)))
    expect(held + promised + semaphore.value).toBe(permits)
  })
  expect(world.stuck).toEqual([])
  expect([semaphore.value, semaphore.state.waiters.length]).toEqual([permits, 0])
}
