import { TimerHeap, type TimerNode } from "@skein/core/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

class Timer implements TimerNode {
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false
  readonly timerWhen: number
  readonly label: string

  constructor(when: number, label = "") {
    this.timerWhen = when
    this.label = label
  }
}

const cancel = (heap: TimerHeap<Timer>, timer: Timer): void => {
  timer.timerCancelled = true
  heap.noteCancelled(timer)
}

const popAll = (heap: TimerHeap<Timer>): Array<Timer> => {
  const all: Array<Timer> = []
  for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) all.push(timer)
  return all
}

describe("TimerHeap", () => {
  it("gives timers by time, and equal times by insertion (semantics 4, ties by insertion)", () => {
    const heap = new TimerHeap<Timer>()
    for (const [when, label] of [
      [2, "c"],
      [1, "a"],
      [2, "d"],
      [1, "b"]
    ] as const) {
      heap.push(new Timer(when, label))
    }
    expect(popAll(heap).map((timer) => timer.label)).toEqual(["a", "b", "c", "d"])
  })

  it("gives timers before the limit only, and not at it (semantics 5)", () => {
    const heap = new TimerHeap<Timer>()
    heap.push(new Timer(1, "a"))
    heap.push(new Timer(2, "b"))
    expect(heap.popBefore(1)).toBeUndefined()
    expect(heap.popBefore(2)?.label).toBe("a")
    expect(heap.popBefore(2)).toBeUndefined()
  })

  it("drops cancelled timers at the head when somebody looks (semantics 2, 11)", () => {
    const heap = new TimerHeap<Timer>()
    const timers = [new Timer(1), new Timer(2), new Timer(3)]
    for (const timer of timers) heap.push(timer)
    cancel(heap, timers[0] as Timer)
    cancel(heap, timers[2] as Timer)
    expect(heap.length).toBe(3)
    expect(heap.peek()).toBe(timers[1])
    expect([heap.length, heap.cancelledCount]).toEqual([2, 1])
    expect(timers.map((timer) => timer.timerScheduled)).toEqual([false, true, true])
  })

  it("rebuilds itself once more than 100 are scheduled and more than half are cancelled (semantics 11)", () => {
    const heap = new TimerHeap<Timer>()
    const timers = Array.from({ length: 101 }, (_, when) => new Timer(when))
    for (const timer of timers) heap.push(timer)
    for (const timer of timers.slice(50, 100)) cancel(heap, timer)
    expect([heap.length, heap.cancelledCount]).toEqual([101, 50])
    cancel(heap, timers[100] as Timer)
    expect([heap.length, heap.cancelledCount]).toEqual([50, 0])
    expect(timers[100]?.timerScheduled).toBe(false)
    expect(popAll(heap)).toEqual(timers.slice(0, 50))
  })

  it("does not rebuild itself while half of its timers are live", () => {
    const heap = new TimerHeap<Timer>()
    const timers = Array.from({ length: 102 }, (_, when) => new Timer(when))
    for (const timer of timers) heap.push(timer)
    for (const timer of timers.slice(51)) cancel(heap, timer)
    expect([heap.length, heap.cancelledCount]).toEqual([102, 51])
  })

  it("keeps the order when it rebuilds itself, whatever the times and whoever is cancelled", () => {
    const times = fc.array(fc.nat(1000), { minLength: 101, maxLength: 200, size: "max" })
    fc.assert(
      fc.property(times, fc.infiniteStream(fc.nat(9)), (whens, dice) => {
        const heap = new TimerHeap<Timer>()
        const timers = whens.map((when) => new Timer(when))
        for (const timer of timers) heap.push(timer)
        // Two in ten live, so that a rebuild must come.
        const lives = new Set(timers.filter(() => (dice.next().value as number) < 2))
        for (const timer of timers) if (!lives.has(timer)) cancel(heap, timer)
        expect(heap.length).toBeLessThan(timers.length)
        const inOrder = [...lives].sort(
          (left, right) => left.timerWhen - right.timerWhen || left.timerSequence - right.timerSequence
        )
        expect(popAll(heap)).toEqual(inOrder)
      })
    )
  })

  it("counts a timer that is cancelled already when it is added, and never gives it", () => {
    const heap = new TimerHeap<Timer>()
    const timer = new Timer(1)
    timer.timerCancelled = true
    heap.push(timer)
    expect([heap.length, heap.cancelledCount]).toEqual([1, 1])
    expect(heap.pop()).toBeUndefined()
    expect([heap.length, heap.cancelledCount]).toEqual([0, 0])
  })

  it("ignores the cancellation of a timer that has left it", () => {
    const heap = new TimerHeap<Timer>()
    const timer = new Timer(1)
    heap.push(timer)
    heap.pop()
    cancel(heap, timer)
    expect(heap.cancelledCount).toBe(0)
  })

  it("shows its timers without the cancelled ones", () => {
    const heap = new TimerHeap<Timer>()
    const timers = [new Timer(1), new Timer(2), new Timer(3)]
    for (const timer of timers) heap.push(timer)
    cancel(heap, timers[1] as Timer)
    expect(new Set(heap)).toEqual(new Set([timers[0], timers[2]]))
  })

  it("keeps up to 100 timers as they are, all cancelled or not", () => {
    const heap = new TimerHeap<Timer>()
    const timers = Array.from({ length: 100 }, (_, when) => new Timer(when))
    for (const timer of timers) heap.push(timer)
    for (const timer of timers) cancel(heap, timer)
    expect(heap.length).toBe(100)
    expect(heap.peek()).toBeUndefined()
    expect(heap.length).toBe(0)
  })

  it("holds no more dead timers than live ones, however many are made and cancelled", () => {
    const heap = new TimerHeap<Timer>()
    for (let round = 0; round < 100_000; round++) {
      const timer = new Timer(1e9 + round)
      heap.push(timer)
      cancel(heap, timer)
    }
    expect(heap.length).toBeLessThanOrEqual(101)
  })

  it("refuses a timer that is scheduled already, and one without a time", () => {
    const heap = new TimerHeap<Timer>()
    const timer = new Timer(1)
    heap.push(timer)
    expect(() => heap.push(timer)).toThrow("scheduled once at a time")
    expect(() => heap.push(new Timer(Number.NaN))).toThrow("got NaN")
  })

  it("is empty after clear, and its timers can be scheduled again", () => {
    const heap = new TimerHeap<Timer>()
    const timer = new Timer(1)
    heap.push(timer)
    heap.clear()
    expect(heap.peek()).toBeUndefined()
    heap.push(timer)
    expect(heap.pop()).toBe(timer)
  })

  it("behaves as a sorted list does, whatever the operations", () => {
    const operation = fc.record({
      verb: fc.constantFrom("push", "push", "push", "pop", "cancel", "cancel", "popBefore"),
      value: fc.nat(400)
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400, size: "max" }), (operations) => {
        const heap = new TimerHeap<Timer>()
        let list: Array<Timer> = []
        for (const { verb, value } of operations) {
          if (verb === "push") {
            const timer = new Timer(value >> 4)
            heap.push(timer)
            const behind = list.findIndex((other) => other.timerWhen > timer.timerWhen)
            list.splice(behind < 0 ? list.length : behind, 0, timer)
          } else if (verb === "cancel") {
            const timer = list[value % Math.max(1, list.length)]
            if (timer !== undefined) cancel(heap, timer)
            list = list.filter((other) => other !== timer)
          } else {
            const limit = verb === "pop" ? Number.POSITIVE_INFINITY : value >> 4
            const expected = list[0] !== undefined && list[0].timerWhen < limit ? list.shift() : undefined
            expect(verb === "pop" ? heap.pop() : heap.popBefore(limit)).toBe(expected)
          }
          expect(heap.length - heap.cancelledCount).toBe(list.length)
        }
        expect(popAll(heap)).toEqual(list)
      })
    )
  })
})
