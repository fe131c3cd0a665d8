import { ConditionState, LockState } from "@skein/core/kernel"
import { describe, expect, it } from "vitest"
import { Cell } from "./support/cell.ts"
import { expectSameBehaviour, type Family } from "./support/compare.ts"
import type { ConditionFace, Doing } from "./support/faces.ts"
import { MachineCondition } from "./support/machines.ts"
import { PlainCondition } from "./support/plain.ts"
import { explore } from "./support/world.ts"

const family: Family<ConditionFace> = {
  verbs: ["wait", "wait", "notify", "notifyAll", "bare wait", "bare notify"],
  *perform(condition, { verb, arg }) {
    if (verb === "bare wait") return yield* condition.wait()
    if (verb === "bare notify") return condition.notify(arg % 3)
    yield* condition.lock.acquire()
    try {
      if (verb === "wait") yield* condition.wait()
      else if (verb === "notify") condition.notify(1 + (arg % 2))
      else condition.notifyAll()
      yield
    } finally {
      if (condition.lock.locked) condition.lock.release()
    }
  }
}

describe("ConditionState", () => {
  it("174: refuses to wait or to notify without the lock", () => {
    const condition = new ConditionState(new LockState())
    const cell = new Cell(0)
    expect([condition.startWait(cell), condition.notify(), condition.notifyAll()]).toEqual([false, false, false])
    expect(condition.waiters.length).toBe(0)
  })

  it("175: waiting gives the lock back", () => {
    const lock = new LockState()
    const condition = new ConditionState(lock)
    lock.tryAcquire()
    expect(condition.startWait(new Cell(0))).toBe(true)
    expect(lock.locked).toBe(false)
  })

  it("176: notifies the first that still wait, skipping those who were notified or cancelled", () => {
    const lock = new LockState()
    const condition = new ConditionState(lock)
    const woken: Array<number> = []
    const cells = Array.from({ length: 5 }, (_, label) => new Cell(label, woken))
    for (const cell of cells) {
      lock.tryAcquire()
      condition.startWait(cell)
    }
    lock.tryAcquire()
    cells[1]?.cancel()
    condition.notify()
    expect(woken).toEqual([0])
    condition.notify(2)
    expect(woken).toEqual([0, 2, 3])
    condition.notifyAll()
    expect(woken).toEqual([0, 2, 3, 4])
  })

  it("177: a wait that ends with an error passes one notification on, with or without the lock", () => {
    const lock = new LockState()
    const condition = new ConditionState(lock)
    const woken: Array<number> = []
    for (const label of [0, 1]) {
      lock.tryAcquire()
      condition.startWait(new Cell(label, woken))
    }
    condition.passOn()
    expect(woken).toEqual([0])
  })

  it("177: loses no notification, in every schedule of two waiters of which one may be cancelled and one that notifies", () => {
    let sentInAll = 0
    const runs = explore((world) => {
      const condition = new MachineCondition()
      let sent = 0
      let received = 0
      function* waiter(): Doing {
        yield* condition.lock.acquire()
        try {
          try {
            yield* condition.wait()
            received++
          } finally {
            expect(condition.lock.locked).toBe(true)
          }
        } finally {
          condition.lock.release()
        }
      }
      world.spawn("a", waiter(), { cancellable: true })
      world.spawn("b", waiter())
      world.spawn(
        "notifier",
        (function* () {
          yield
          yield* condition.lock.acquire()
          // Only when both are in line: whatever becomes of the first, the second can take its notification.
          if (condition.state.waiters.length === 2) {
            sent++
            condition.notify(1)
          }
          yield
          condition.lock.release()
        })()
      )
      world.run(() => {})
      expect(received).toBeGreaterThanOrEqual(sent)
      expect(condition.lock.locked).toBe(false)
      sentInAll += sent
    })
    expect(runs).toBeGreaterThan(100)
    expect(sentInAll).toBeGreaterThan(10)
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    expectSameBehaviour(
      family,
      () => new MachineCondition(),
      () => new PlainCondition()
    )
  })
})
