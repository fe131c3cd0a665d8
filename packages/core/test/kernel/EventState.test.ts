import { EventState } from "@skein/core/kernel"
import { describe, expect, it } from "vitest"
import { Cell } from "./support/cell.ts"
import { expectSameBehaviour, type Family } from "./support/compare.ts"
import type { EventFace } from "./support/faces.ts"
import { MachineEvent } from "./support/machines.ts"
import { PlainEvent } from "./support/plain.ts"
import { explore } from "./support/world.ts"

const family: Family<EventFace> = {
  verbs: ["wait", "wait", "set", "clear"],
  *perform(event, { verb }) {
    if (verb === "wait") yield* event.wait()
    else if (verb === "set") event.set()
    else event.clear()
  }
}

describe("EventState", () => {
  it("169: setting wakes all; clearing right after takes no wake-up back", () => {
    const event = new EventState()
    const woken: Array<number> = []
    for (const label of [0, 1]) event.enqueue(new Cell(label, woken))
    expect(event.set()).toBe(2)
    event.clear()
    expect([woken, event.isSet]).toEqual([[0, 1], false])
  })

  it("170: setting twice is harmless", () => {
    const event = new EventState()
    const woken: Array<number> = []
    event.enqueue(new Cell(0, woken))
    expect([event.set(), event.set()]).toEqual([1, 0])
    expect(woken).toEqual([0])
  })

  it("172: counts a woken waiter until its task runs", () => {
    const event = new EventState()
    const cell = new Cell(0)
    event.enqueue(cell)
    event.set()
    expect(event.waiters.length).toBe(1)
    event.left(cell)
    expect(event.waiters.length).toBe(0)
  })

  it("leaves nobody behind once it is set, in every schedule of two waiters that may be cancelled and one that sets", () => {
    const runs = explore((world) => {
      const event = new MachineEvent()
      for (const name of ["a", "b"]) world.spawn(name, event.wait(), { cancellable: true })
      world.spawn(
        "setter",
        (function* () {
          yield
          event.set()
        })()
      )
      world.run(() => expect(event.state.isSet && event.state.waiters.firstWaiting !== undefined).toBe(false))
      expect(world.stuck).toEqual([])
      expect(event.state.waiters.length).toBe(0)
    })
    expect(runs).toBeGreaterThan(50)
  })

  it("behaves as the plain specification does, whatever the tasks do", () => {
    expectSameBehaviour(
      family,
      () => new MachineEvent(),
      () => new PlainEvent()
    )
  })
})
