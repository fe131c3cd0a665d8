import { WaitQueue } from "@skein/core/kernel"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Cell, labelsOf } from "./support/cell.ts"

const filled = (count: number): { queue: WaitQueue; cells: Array<Cell>; woken: Array<number> } => {
  const queue = new WaitQueue()
  const woken: Array<number> = []
  const cells = Array.from({ length: count }, (_, label) => new Cell(label, woken))
  for (const cell of cells) queue.push(cell)
  return { queue, cells, woken }
}

describe("WaitQueue", () => {
  it("keeps nodes in order of arrival, also when one in the middle leaves", () => {
    const { queue, cells } = filled(3)
    expect(queue.remove(cells[1] as Cell)).toBe(true)
    expect(labelsOf(queue)).toEqual([0, 2])
    expect(queue.length).toBe(2)
  })

  it("keeps a woken node in line until it is removed", () => {
    const { queue, cells } = filled(2)
    expect(queue.wakeFirst()).toBe(cells[0])
    expect(queue.first).toBe(cells[0])
    expect(queue.firstWaiting).toBe(cells[1])
    expect(queue.length).toBe(2)
  })

  it("takes back a node that has left, at the end", () => {
    const { queue, cells } = filled(2)
    queue.remove(cells[0] as Cell)
    queue.push(cells[0] as Cell)
    expect(labelsOf(queue)).toEqual([1, 0])
  })

  it("refuses a node that stands in a queue already", () => {
    const { cells } = filled(1)
    expect(() => new WaitQueue().push(cells[0] as Cell)).toThrow("A wait node can stand in one queue at a time")
  })

  it("does not remove a node of another queue, nor count its cancellation", () => {
    const { cells } = filled(1)
    const other = new WaitQueue()
    other.noteCancelled(cells[0] as Cell)
    expect(other.remove(cells[0] as Cell)).toBe(false)
    expect([other.length, other.cancelledCount]).toEqual([0, 0])
  })

  it("knows who stands in it", () => {
    const { queue, cells } = filled(2)
    queue.remove(cells[0] as Cell)
    expect(cells.map((cell) => queue.has(cell))).toEqual([false, true])
    expect(new WaitQueue().has(cells[1] as Cell)).toBe(false)
  })

  it("counts a node that was cancelled before it came", () => {
    const queue = new WaitQueue()
    const cell = new Cell(0)
    cell.cancel()
    queue.push(cell)
    expect([queue.cancelledCount, queue.isAllCancelled]).toEqual([1, true])
    queue.pop()
    expect(queue.cancelledCount).toBe(0)
  })

  it("knows whether all in line were cancelled", () => {
    const { queue, cells } = filled(2)
    expect(new WaitQueue().isAllCancelled).toBe(true)
    cells[0]?.cancel()
    expect(queue.isAllCancelled).toBe(false)
    cells[1]?.cancel()
    expect(queue.isAllCancelled).toBe(true)
    queue.remove(cells[0] as Cell)
    expect([queue.length, queue.cancelledCount]).toEqual([1, 1])
  })

  it("wakes a node that arrives behind settled ones", () => {
    const { queue, woken } = filled(2)
    queue.wakeAll()
    queue.push(new Cell(7, woken))
    queue.wakeFirst()
    expect(woken).toEqual([0, 1, 7])
  })

  it("looks at each cancelled node once, however often it is asked who is first", () => {
    let looks = 0
    class Watched extends Cell {
      override get isWaiting(): boolean {
        looks++
        return super.isWaiting
      }
    }
    const queue = new WaitQueue()
    const cells = Array.from({ length: 1000 }, (_, label) => new Watched(label))
    for (const cell of cells) queue.push(cell)
    for (const cell of cells) cell.cancel()
    const live = new Watched(1000)
    queue.push(live)
    looks = 0
    for (let round = 0; round < 100; round++) expect(queue.firstWaiting).toBe(live)
    expect(looks).toBe(1000 + 100)
  })

  it("behaves as a plain list does, whatever the operations", () => {
    const operation = fc.record({
      verb: fc.constantFrom("push", "push", "push", "pop", "remove", "cancel", "wakeFirst", "wake", "popAndWake"),
      at: fc.nat(20)
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const queue = new WaitQueue()
        const woken: Array<number> = []
        const expectedWoken: Array<number> = []
        let list: Array<{ cell: Cell; status: string }> = []
        let labels = 0
        const wakeInList = (count: number) => {
          for (const entry of list.filter((one) => one.status === "waiting").slice(0, count)) {
            entry.status = "woken"
            expectedWoken.push(entry.cell.label)
          }
        }
        for (const { verb, at } of operations) {
          const picked = list[at % Math.max(1, list.length)]
          if (verb === "push") {
            const cell = new Cell(labels++, woken)
            queue.push(cell)
            list.push({ cell, status: "waiting" })
          } else if (verb === "pop") {
            expect(queue.pop()).toBe(list.shift()?.cell)
          } else if (verb === "remove" && picked !== undefined) {
            queue.remove(picked.cell)
            list = list.filter((entry) => entry !== picked)
          } else if (verb === "cancel" && picked !== undefined) {
            picked.cell.cancel()
            if (picked.status === "waiting") picked.status = "cancelled"
          } else if (verb === "wakeFirst") {
            queue.wakeFirst()
            wakeInList(1)
          } else if (verb === "wake") {
            queue.wake(at)
            wakeInList(at)
          } else if (verb === "popAndWake") {
            queue.popAndWake()
            const index = list.findIndex((entry) => entry.status === "waiting")
            wakeInList(1)
            list = index < 0 ? [] : list.slice(index + 1)
          }
          expect([...queue]).toEqual(list.map((entry) => entry.cell))
          expect(queue.length).toBe(list.length)
          expect(queue.cancelledCount).toBe(list.filter((entry) => entry.status === "cancelled").length)
          expect(queue.firstWaiting).toBe(list.find((entry) => entry.status === "waiting")?.cell)
          expect(woken).toEqual(expectedWoken)
        }
      })
    )
  })
})
