// A group awaits its tasks: @effect-diagnostics floatingEffect:off
import * as asyncio from "@skein/asyncio"
import type { Print, Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

class Buffer {
  readonly items: Array<string> = []
  readonly room: number
  readonly print: Print
  readonly changed = new asyncio.Condition()

  constructor(room: number, print: Print) {
    this.room = room
    this.print = print
  }

  *put(item: string) {
    const { changed, items, print, room } = this
    yield* asyncio.async_with(changed, function* () {
      yield* changed.wait_for(() => items.length < room)
      items.push(item)
      print(`put ${item}, ${items.length} inside`)
      changed.notify_all()
    })
  }

  *get() {
    const { changed, items, print } = this
    return yield* asyncio.async_with(changed, function* () {
      yield* changed.wait_for(() => items.length > 0)
      const item = items.shift()
      print(`got ${item}, ${items.length} inside`)
      changed.notify_all()
      return item
    })
  }
}

export const scenario: Scenario = {
  id: "S15",
  title: "A bounded buffer",
  notice: "Six producers, six consumers, room for three, one condition: never more than three inside, nothing lost.",
  kind: "twin",
  async run(print) {
    const main = asyncio.coroutine(function* main() {
      const buffer = new Buffer(3, print)

      const producer = asyncio.coroutine(function* producer(n: number) {
        yield* buffer.put(`item ${n}`)
      })

      const consumer = asyncio.coroutine(function* consumer(n: number) {
        yield* asyncio.sleep(n * 0.5)
        return yield* buffer.get()
      })

      const numbers = [1, 2, 3, 4, 5, 6]
      const consumers = yield* asyncio.async_with(new asyncio.TaskGroup(), function* (group) {
        for (const n of numbers) group.create_task(producer(n))
        return numbers.map((n) => group.create_task(consumer(n)))
      })

      print("consumed:", consumers.map((task) => task.result()).join(", "))
      print("left inside:", buffer.items.length)
    })

    await asyncio.run(main(), virtual)
  }
}
