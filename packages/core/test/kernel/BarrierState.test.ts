import { BarrierState, ConditionState, LockState } from "@skein/core/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Cell } from "./support/cell.ts"
import { type Doing, Refused } from "./support/faces.ts"
import { MachineBarrier } from "./support/machines.ts"
import { explore, scheduleOf, World } from "./support/world.ts"

const held = (parties: number): BarrierState => {
  const lock = new LockState()
  lock.tryAcquire()
  return new BarrierState(parties, new ConditionState(lock))
}

describe("BarrierState", () => {
  it("180: gives places from 0; the last to arrive opens it, the last to leave makes it ready again", () => {
    const barrier = held(2)
    expect([barrier.arrive(), barrier.phase, barrier.waiting]).toEqual([0, "filling", 1])
    expect([barrier.arrive(), barrier.phase, barrier.isBlocked]).toEqual([1, "draining", true])
    barrier.leave()
    expect(barrier.phase).toBe("draining")
    barrier.leave()
    expect([barrier.phase, barrier.waiting]).toEqual(["filling", 0])
  })

  it("182: reset refuses those inside and is usable once they have left", () => {
    const barrier = held(3)
    barrier.arrive()
    barrier.reset()
    expect([barrier.phase, barrier.isRefused, barrier.waiting]).toEqual(["resetting", true, 0])
    barrier.leave()
    expect([barrier.phase, barrier.isRefused]).toEqual(["filling", false])
  })

  it("182: reset and abort wake those inside", () => {
    for (const change of ["reset", "abort"] as const) {
      const lock = new LockState()
      const condition = new ConditionState(lock)
      const barrier = new BarrierState(3, condition)
      const woken: Array<number> = []
      for (const label of [0, 1]) {
        lock.tryAcquire()
        barrier.arrive()
        condition.startWait(new Cell(label, woken))
      }
      lock.tryAcquire()
      barrier[change]()
      expect(woken).toEqual([0, 1])
    }
  })

  it("182: abort breaks it until reset", () => {
    const barrier = held(3)
    barrier.arrive()
    barrier.abort()
    barrier.leave()
    expect([barrier.isBroken, barrier.isRefused]).toEqual([true, true])
    barrier.reset()
    expect(barrier.phase).toBe("filling")
  })

  it("183: one that leaves before the round is full lowers the count and breaks nothing", () => {
    const barrier = held(3)
    barrier.arrive()
    barrier.arrive()
    barrier.leave()
    expect([barrier.phase, barrier.waiting]).toEqual(["filling", 1])
  })

  it("lets a round out only when it is full, in every schedule of three tasks at a barrier of two, one cancelled", () => {
    const runs = explore((world) => {
      const barrier = new MachineBarrier(2)
      const places: Array<number> = []
      function* party(): Doing {
        yield
        places.push(yield* barrier.wait())
        yield
      }
      world.spawn("a", party(), { cancellable: true })
      world.spawn("b", party())
      world.spawn("c", party())
      world.run(() => expect(barrier.state.waiting).toBeLessThan(2))
      const { trace, stuck } = world
      // Places come out in pairs, except that a released party may be cancelled on its way out.
      if (trace.includes("cancel a")) expect(places.length).toBeLessThanOrEqual(2)
      else expect(places.reduce((sum, place) => sum + place, 0)).toBe(1)
      expect(stuck.length).toBeLessThanOrEqual(1)
      expect(barrier.condition.lock.locked).toBe(false)
      expect(barrier.state.phase).toBe("filling")
      expect(barrier.state.waiting).toBe(stuck.length)
    })
    expect(runs).toBeGreaterThan(500)
  })

  it("sends everybody home after an abort, and nobody waits for ever, in every schedule", () => {
    explore((world) => {
      const barrier = new MachineBarrier(3)
      function* party(): Doing {
        try {
          yield* barrier.wait()
          throw new Error("a barrier of three let two through")
        } catch (error) {
          if (!(error instanceof Refused)) throw error
        }
      }
      world.spawn("a", party(), { cancellable: true })
      world.spawn("b", party())
      world.spawn("breaker", barrier.abort())
      world.run(() => {})
      expect(world.stuck).toEqual([])
      expect(barrier.state.isBroken).toBe(true)
    })
  })

  it("keeps its rounds apart, whatever the schedule: each round gives every place once", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(1000), { maxLength: 300, size: "max" }),
        (parties, numbers) => {
          const world = new World(scheduleOf(numbers))
          const barrier = new MachineBarrier(parties)
          const rounds = 3
          const places: Array<number> = []
          for (let task = 0; task < parties; task++) {
            world.spawn(
              String(task),
              (function* () {
                for (let round = 0; round < rounds; round++) places.push(yield* barrier.wait())
              })()
            )
          }
          world.run(() => expect(barrier.state.waiting).toBeLessThan(parties))
          expect(world.stuck).toEqual([])
          const expected = Array.from({ length: parties }, (_, index) => index)
          for (let round = 0; round < rounds; round++) {
            const placesOfRound = places.slice(round * parties, (round + 1) * parties)
            expect([...placesOfRound].sort((left, right) => left - right)).toEqual(expected)
          }
        }
      )
    )
  })
})
