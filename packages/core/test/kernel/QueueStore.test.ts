import { FifoStore, HeapStore, LifoStore, type QueueStore } from "@skein/core/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"

const drain = <A>(store: QueueStore<A>): Array<A> => {
  const items: Array<A> = []
  while (store.length > 0) items.push(store.take())
  return items
}

const numbers = (): HeapStore<number> => new HeapStore((left, right) => left < right)

describe("FifoStore", () => {
  it("behaves as a list does that is filled at the end and emptied at the start", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 300, size: "max" }), (operations) => {
        const store = new FifoStore<number>()
        const list: Array<number> = []
        for (const item of operations) {
          if (item !== null) {
            store.put(item)
            list.push(item)
          } else if (list.length > 0) {
            expect(store.take()).toBe(list.shift())
          }
          expect([...store]).toEqual(list)
          expect(store.length).toBe(list.length)
        }
      })
    )
  })

  it("keeps the order over a burst that makes it grow and shrink", () => {
    const store = new FifoStore<number>()
    for (let round = 0; round < 3; round++) {
      for (let item = 0; item < 1000; item++) store.put(item)
      for (let item = 0; item < 1000; item++) expect(store.take()).toBe(item)
    }
  })
})

describe("the memory of a FifoStore", () => {
  // Nothing public shows how much room it takes, and the room is what is promised.
  const slotsOf = (store: FifoStore<unknown>): ReadonlyArray<unknown> =>
    (store as unknown as { readonly ring: ReadonlyArray<unknown> }).ring

  it("halves when three quarters of it are empty, and not before", () => {
    const store = new FifoStore<number>()
    for (let item = 0; item < 64; item++) store.put(item)
    expect(slotsOf(store)).toHaveLength(64)
    while (store.length > 17) store.take()
    expect(slotsOf(store)).toHaveLength(64)
    store.take()
    expect(slotsOf(store)).toHaveLength(32)
  })

  it("stays at 16 slots when it is empty, which most queues never exceed", () => {
    const store = new FifoStore<number>()
    for (let item = 0; item < 17; item++) store.put(item)
    expect(slotsOf(store)).toHaveLength(32)
    drain(store)
    expect(slotsOf(store)).toHaveLength(16)
  })

  it("lets go of what was taken", () => {
    const store = new FifoStore<object>()
    for (let item = 0; item < 10; item++) store.put({})
    drain(store)
    expect(slotsOf(store).every((slot) => slot === undefined)).toBe(true)
  })
})

describe("LifoStore", () => {
  it("gives the last one first", () => {
    const store = new LifoStore<number>()
    for (const item of [1, 2, 3]) store.put(item)
    expect([...store]).toEqual([1, 2, 3])
    expect(drain(store)).toEqual([3, 2, 1])
  })
})

describe("HeapStore", () => {
  it("192: gives the smallest first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const store = numbers()
        for (const item of items) store.put(item)
        expect(drain(store)).toEqual([...items].sort((left, right) => left - right))
      })
    )
  })

  it("193: shows its items in the order of CPython's heapq", () => {
    const store = numbers()
    for (const item of [5, 3, 8, 1, 9, 2, 7, 4, 6, 0]) store.put(item)
    expect([...store]).toEqual([0, 1, 2, 4, 3, 8, 7, 5, 6, 9])
    store.take()
    expect([...store]).toEqual([1, 3, 2, 4, 9, 8, 7, 5, 6])
  })

  it("192: gives equal items in heapq's order, which is not that of arrival", () => {
    const store = new HeapStore<string>(() => false)
    for (const item of ["0", "1", "2", "3"]) store.put(item)
    expect(drain(store)).toEqual(["0", "2", "1", "3"])
  })

  it("192: keeps a new item that cannot be compared, as heapq does, and throws the comparison's error", () => {
    const store = new HeapStore<number | string>((left, right) => {
      if (typeof left !== typeof right) throw new TypeError("incomparable")
      return left < right
    })
    store.put(1)
    expect(() => store.put("x")).toThrow("incomparable")
    expect([...store]).toEqual([1, "x"])
  })
})
