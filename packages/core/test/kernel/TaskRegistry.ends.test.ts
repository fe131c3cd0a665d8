import { Lock, Semaphore, Task, VirtualTime } from "@skein/core"
import { type TaskNode, taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"

const describeEnd = (node: TaskNode) =>
  `${node.name} of ${taskRegistry.parentOf(node)?.name}, holds ${node.holds?.map((held) => held.describeHeld()).join(", ") ?? "nothing"}`

describe("TaskRegistry.observeEnds", () => {
  it("tells of each end with the parent and what the task holds, until it is taken back", async () => {
    const ends: Array<string> = []
    const program = Effect.gen(function* () {
      const lock = yield* Lock.make("db")
      const stop = taskRegistry.observeEnds((node) => ends.push(describeEnd(node)))
      const child = yield* Task.spawn(Lock.acquire(lock), { name: "child" })
      yield* Task.await(child)
      stop()
      yield* Task.await(yield* Task.spawn(Effect.void, { name: "later" }))
    })
    const parent = Effect.scoped(
      Effect.flatMap(Task.spawn(Effect.scoped(program), { name: "parent" }), (task) => Task.join(task))
    )
    await VirtualTime.runPromise(parent)
    expect(ends).toEqual(['child of parent, holds Lock "db"'])
  })

  it("lets a later release clear what an ended task held", async () => {
    let held: TaskNode["holds"]
    const program = Effect.scoped(
      Effect.gen(function* () {
        const permits = yield* Semaphore.make(1, { name: "permits" })
        const stop = taskRegistry.observeEnds((node) => {
          held = node.holds
        })
        const outer = yield* Scope.make()
        yield* Task.await(yield* Task.spawn(Semaphore.acquireScoped(permits).pipe(Scope.provide(outer))))
        stop()
        expect(held?.map((it) => it.describeHeld())).toEqual(['Semaphore "permits"'])
        yield* Scope.close(outer, Exit.void)
        expect(held).toEqual([])
      })
    )
    await VirtualTime.runPromise(program)
  })
})
