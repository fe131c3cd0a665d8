// A group awaits its tasks: @effect-diagnostics floatingEffect:off
import * as asyncio from "@skein/asyncio"
import type { Scenario } from "../Scenario.ts"
import { virtual } from "../virtual.ts"

export const scenario: Scenario = {
  id: "S05",
  title: "Tasks run side by side",
  notice: "Two tasks of 2 s and 1 s end after 2 s. Awaited as plain coroutines, the same two take 3 s.",
  kind: "twin",
  async run(print) {
    const say_after = asyncio.coroutine(function* say_after(delay: number, text: string) {
      yield* asyncio.sleep(delay)
      print(text)
      return text
    })

    const main = asyncio.coroutine(function* main() {
      const loop = asyncio.get_running_loop()

      let begin = loop.time()
      yield* say_after(2, "hello")
      yield* say_after(1, "world")
      print(`plain coroutines: ${(loop.time() - begin).toFixed(0)} s`)

      begin = loop.time()
      const hello = asyncio.create_task(say_after(2, "hello"), { name: "first" })
      const world = asyncio.create_task(say_after(1, "world"), { name: "second" })
      print("tasks:", hello.get_name(), world.get_name())
      yield* hello
      yield* world
      print(`tasks: ${(loop.time() - begin).toFixed(0)} s, results ${hello.result()} and ${world.result()}`)

      begin = loop.time()
      yield* asyncio.async_with(new asyncio.TaskGroup(), function* (group) {
        group.create_task(say_after(2, "hello"))
        group.create_task(say_after(1, "world"))
      })
      print(`a task group: ${(loop.time() - begin).toFixed(0)} s, and nobody had to remember the awaits`)
    })

    await asyncio.run(main(), virtual)
  }
}
