import { AsyncLocalStorage } from "node:async_hooks"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it, vi } from "@effect/vitest"
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

  it("does not keep the storage of whoever made the first scheduler", async () => {
    setFlagsFromString("--expose-gc")
    const collect = runInNewContext("gc") as () => void
    vi.resetModules()
    const fresh = await import("../../src/FairScheduler.ts")
    const storage = new AsyncLocalStorage<object>()
    const makeInRequest = (): WeakRef<object> => {
      const request = {}
      storage.run(request, () => fresh.make())
      return new WeakRef(request)
    }
    const request = makeInRequest()
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    assert.isUndefined(request.deref())
  })
})
