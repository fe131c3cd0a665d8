import { assert, describe, it } from "@effect/vitest"
import { Event, FairScheduler, Lock, Queue } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"

describe("what is kept for V8's sake", () => {
  it("is no task, takes no name, and keeps no process alive", async () => {
    const resources = process.getActiveResourcesInfo().length
    FairScheduler.make()
    assert.strictEqual(taskRegistry.totalAdded, 0)
    const made = Effect.all([Event.make(), Lock.make(), Queue.make()])
    const names = (await Effect.runPromise(made)).map(({ name }) => name)
    assert.deepStrictEqual(names, ["event-1", "lock-1", "queue-1"])
    await new Promise((resolve) => setImmediate(resolve))
    assert.strictEqual(process.getActiveResourcesInfo().length, resources)
  })
})
