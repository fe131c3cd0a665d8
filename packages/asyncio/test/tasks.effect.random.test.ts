// Random trees of coroutines and effects within each other, cancelled at random moments. Whatever happens, every block that was
// entered is left, once; nothing stays in flight, no task is left, and the program comes to its end.

import { taskRegistry } from "@skein/core/kernel"
import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ValueError } from "../src/builtins.ts"
import * as asyncio from "../src/index.ts"
import { catch_warnings } from "../src/warnings.ts"

type Node =
  | { readonly kind: "sleep" | "effectSleep"; readonly delay: number }
  | { readonly kind: "throw" | "fail" | "yield" }
  | { readonly kind: "sequence" | "all" | "race" | "gather"; readonly nodes: ReadonlyArray<Node> }
  | { readonly kind: "direct" | "frame" | "gen" | "task" | "fork" | "swallow" | "uninterruptible"; readonly node: Node }
  | { readonly kind: "finally" | "ensuring" | "resource" | "timeout"; readonly node: Node; readonly delay: number }

const delay = fc.integer({ min: 0, max: 4 })

const { tree } = fc.letrec<{ tree: Node }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 8, depthSize: "max", withCrossShrink: true },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("sleep" as const, "effectSleep" as const), delay }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("throw" as const, "fail" as const, "yield" as const) }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom("sequence" as const, "all" as const, "race" as const, "gather" as const),
        nodes: fc.array(tie("tree"), { minLength: 1, maxLength: 3 })
      })
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "direct" as const,
          "frame" as const,
          "gen" as const,
          "task" as const,
          "fork" as const,
          "swallow" as const,
          "uninterruptible" as const
        ),
        node: tie("tree")
      })
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom("finally" as const, "ensuring" as const, "resource" as const, "timeout" as const),
        node: tie("tree"),
        delay
      })
    }
  )
}))

/** Counts how often each block was entered and left. */
class Ledger {
  private readonly blocks: Array<{ entered: number; left: number }> = []

  enter(): () => void {
    const block = { entered: 1, left: 0 }
    this.blocks.push(block)
    return () => {
      block.left++
    }
  }

  get wrong(): number {
    return this.blocks.filter((block) => block.left !== block.entered).length
  }
}

const programOf = (ledger: Ledger) => {
  const run = asyncio.coroutine(function* body(node: Node): asyncio.Body<void> {
    switch (node.kind) {
      case "sleep":
        yield* asyncio.sleep(node.delay)
        return
      case "effectSleep":
        return yield* Effect.sleep(node.delay * 1000)
      case "yield":
        return yield* Effect.yieldNow
      case "throw":
        throw new ValueError("thrown")
      case "fail":
        return yield* Effect.fail(new ValueError("failed"))
      case "sequence":
        for (const each of node.nodes) yield* run(each)
        return
      case "all":
        yield* Effect.all(node.nodes.map(run), { concurrency: "unbounded" })
        return
      case "race":
        yield* Effect.raceAll(node.nodes.map(run))
        return
      case "gather":
        yield* asyncio.gather(...node.nodes.map(run))
        return
      case "direct":
        return yield* run(node.node)
      case "frame":
        return yield* Effect.asVoid(run(node.node))
      case "gen":
        return yield* Effect.gen(function* () {
          yield* Effect.yieldNow
          yield* run(node.node)
          yield* run({ kind: "sleep", delay: 1 })
        })
      case "task":
        return yield* asyncio.create_task(run(node.node))
      case "fork":
        yield* Effect.forkChild(run(node.node))
        return
      case "uninterruptible":
        return yield* Effect.uninterruptible(run(node.node))
      case "swallow":
        try {
          return yield* run(node.node)
        } catch {
          return
        }
      case "finally": {
        const leave = ledger.enter()
        try {
          return yield* run(node.node)
        } finally {
          try {
            yield* asyncio.sleep(node.delay)
            yield* Effect.sleep(node.delay * 1000)
          } finally {
            leave()
          }
        }
      }
      case "ensuring": {
        const leave = ledger.enter()
        const after = Effect.andThen(Effect.exit(run({ kind: "sleep", delay: node.delay })), Effect.sync(leave))
        return yield* Effect.ensuring(run(node.node), after)
      }
      case "resource":
        return yield* Effect.acquireUseRelease(
          Effect.map(run({ kind: "effectSleep", delay: node.delay }), () => ledger.enter()),
          () => run(node.node),
          (leave) => Effect.andThen(Effect.exit(run({ kind: "sleep", delay: node.delay })), Effect.sync(leave))
        )
      case "timeout":
        return yield* Effect.timeout(run(node.node), node.delay * 1000)
    }
  })
  return run
}

describe("coroutines and effects within each other", () => {
  it("leave every block that they entered, and nothing else behind, wherever they are cancelled", async () => {
    // Of `Effect.all([a(), b()])` only `a()` ever runs if it fails at once, and that is no mistake here.
    const restore = catch_warnings(() => undefined)
    const moments = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(tree, moments, async (root, cancels) => {
        const ledger = new Ledger()
        const loop = new asyncio.VirtualEventLoop()
        // Errors that come too late for anybody to see them are no matter here.
        loop.set_exception_handler(() => undefined)
        const main = asyncio.coroutine(function* main() {
          const task = asyncio.create_task(programOf(ledger)(root), { name: "root" })
          for (const moment of cancels) loop.call_later(moment, () => task.cancel())
          yield* asyncio.wait([task])
          if (!task.cancelled()) task.exception()
          return task.done()
        })
        const runner = new asyncio.Runner({ loop_factory: () => loop })
        expect(await runner.run(main())).toBe(true)
        await runner.close()
        expect(ledger.wrong).toBe(0)
        expect(loop._effects_in_flight).toBe(0)
        expect([...taskRegistry]).toEqual([])
      }),
      { numRuns: Number(process.env.SKEIN_RUNS ?? 300) }
    )
    restore()
  })
})
