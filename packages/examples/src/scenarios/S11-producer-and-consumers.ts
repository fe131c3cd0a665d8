// A group awaits its tasks: @effect-diagnostics floatingEffect:off
import * as asyncio from "@skein/asyncio"
import { taskRegistry } from "@skein/core/kernel"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

const END = undefined

type Items = asyncio.Queue<number | typeof END>

export const scenario: Scenario = {
  id: "S11",
  title: "Producer and consumers over a queue",
  notice:
    "With one end marker for two consumers, one of them waits for ever. A marker for each works; Queue.shutdown() " +
    "says it once, to all.",
  kind: "twin",
  notes:
    "What the inspector and the deadlock report say is Skein's own: CPython would show the consumer's task, but not that " +
    "nobody is left to feed its queue.",
  async run(print) {
    const produce = asyncio.coroutine(function* produce(queue: Items, ends: number) {
      for (const item of [1, 2, 3, 4, 5]) {
        yield* queue.put(item)
        print(`  producer: ${item}`)
      }
      for (let n = 0; n < ends; n++) yield* queue.put(END)
    })

    const consume = asyncio.coroutine(function* consume(queue: Items) {
      const name = asyncio.current_task()?.get_name()
      while (true) {
        const item = yield* queue.get()
        if (item === END) {
          print(`  ${name}: end`)
          return
        }
        yield* asyncio.sleep(1)
        print(`  ${name}: ${item}`)
      }
    })

    const with_markers = asyncio.coroutine(function* with_markers(ends: number) {
      const queue: Items = new asyncio.Queue(2)
      const consumers = [1, 2].map((n) => asyncio.create_task(consume(queue), { name: `consumer-${n}` }))
      yield* produce(queue, ends)
      const [, pending] = yield* asyncio.wait(consumers, { timeout: 60 })
      for (const task of pending) {
        print(`  ${task.get_name()} still waits after a minute`)
        print.here(taskRegistry.describeWaits((node) => node === task))
        task.cancel()
      }
    })

    const with_shutdown = asyncio.coroutine(function* with_shutdown() {
      const queue: Items = new asyncio.Queue(2)

      const produce_and_shut_down = asyncio.coroutine(function* produce_and_shut_down() {
        yield* produce(queue, 0)
        queue.shutdown()
      })

      const consume_until_shut_down = asyncio.coroutine(function* consume_until_shut_down() {
        try {
          yield* consume(queue)
        } catch (error) {
          if (!(error instanceof asyncio.QueueShutDown)) throw error
          print(`  ${asyncio.current_task()?.get_name()}: the queue is shut down`)
        }
      })

      yield* asyncio.async_with(new asyncio.TaskGroup(), function* (group) {
        group.create_task(consume_until_shut_down(), { name: "consumer-1" })
        group.create_task(consume_until_shut_down(), { name: "consumer-2" })
        group.create_task(produce_and_shut_down())
      })
    })

    const main = asyncio.coroutine(function* main() {
      print("one end marker for two consumers:")
      yield* with_markers(1)
      print("a marker for each consumer:")
      yield* with_markers(2)
      print("Queue.shutdown():")
      yield* with_shutdown()
    })

    await asyncio.run(main(), virtual)

    // Without the minute's patience, CPython would wait for ever. A Skein program ends, and says why.
    const for_ever = asyncio.coroutine(function* for_ever() {
      asyncio.current_task()?.set_name("lonely consumer")
      yield* consume(new asyncio.Queue(2))
    })
    try {
      await asyncio.run(for_ever(), virtual)
    } catch (error) {
      if (!(error instanceof asyncio.Deadlock)) throw error
      print.here(error.message)
    }
  }
}
