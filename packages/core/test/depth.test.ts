import { assert, describe, it } from "@effect/vitest"
import { CancelScope, Task, TaskGroup, VirtualTime } from "@skein/core"
import { taskRegistry } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/** Deeper than the stack of the host could follow if every level stood on it. */
const depth = 5000

/** Each level of the tree is a task that waits for the level below. */
type Tree = (below: Effect.Effect<number, unknown>) => Effect.Effect<number, unknown>

const trees: ReadonlyArray<readonly [string, Tree]> = [
  [
    "tasks in groups in tasks",
    (below) => TaskGroup.run((group) => Effect.flatMap(Effect.asVoid(group.spawn(below)), () => Effect.succeed(0)))
  ],
  [
    "groups of which each joins its task",
    (below) => TaskGroup.run((group) => Effect.flatMap(group.spawn(below), Task.join))
  ],
  ["groups in the bodies of groups", (below) => TaskGroup.run(() => below)],
  ["deadlines in deadlines", (below) => CancelScope.failAfter(below, 60_000)],
  ["shields in shields", CancelScope.shield],
  ["tasks in scopes", (below) => Effect.scoped(Effect.flatMap(Task.spawn(below), Task.join))]
]

/** Runs in a fiber of its own at each level, so that no deadline is left out for being further away than the one around it. */
const grow = (tree: Tree, innermost: Effect.Effect<number, unknown>, levels = depth): Effect.Effect<number, unknown> =>
  levels === 0 ? innermost : tree(Effect.suspend(() => grow(tree, innermost, levels - 1)))

describe("a tree of five thousand levels", () => {
  for (const [name, tree] of trees) {
    it(`comes to its end: ${name}`, async () => {
      const exits: Array<Exit.Exit<number, unknown>> = []
      for (const innermost of [Effect.succeed(0), Effect.as(Effect.sleep(1), 0), Effect.as(Effect.yieldNow, 0)]) {
        exits.push(await VirtualTime.runPromiseExit(grow(tree, innermost)))
      }
      assert.deepStrictEqual(exits, [Exit.succeed(0), Exit.succeed(0), Exit.succeed(0)])
      assert.strictEqual(taskRegistry.length, 0)
    })

    if (name !== "shields in shields") {
      it(`can be interrupted: ${name}`, async () => {
        const log: Array<string> = []
        const innermost = Effect.ensuring(
          Effect.never,
          Effect.sync(() => log.push("cleaned up"))
        )
        const program = Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(grow(tree, innermost))
          yield* Effect.sleep(1)
          yield* Fiber.interrupt(fiber)
          assert.deepStrictEqual(log, ["cleaned up"])
          assert.strictEqual(taskRegistry.length, 0)
        })
        await VirtualTime.runPromise(program)
      })
    }
  }

  it("comes to its end on Effect's own scheduler", async () => {
    const tree: Tree = (below) => TaskGroup.run((group) => Effect.flatMap(group.spawn(below), Task.join))
    assert.strictEqual(await Effect.runPromise(grow(tree, Effect.succeed(0))), 0)
  })

  it("each with a nearer deadline comes to its end, and can be interrupted", async () => {
    const nearer = (levels: number, innermost: Effect.Effect<string>): Effect.Effect<string, unknown> =>
      levels === 0
        ? innermost
        : CancelScope.failAfter(
            Effect.suspend(() => nearer(levels - 1, innermost)),
            60_000 + levels
          )
    assert.strictEqual(await VirtualTime.runPromise(nearer(depth, Effect.as(Effect.sleep(1), "done"))), "done")
    const stopped = CancelScope.moveOnAfter(nearer(depth, Effect.never), 5)
    assert.strictEqual((await VirtualTime.runPromise(stopped))._tag, "None")
  })
})
