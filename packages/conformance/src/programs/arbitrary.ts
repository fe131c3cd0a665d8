/**
 * Random programs, by fast-check.
 */

import * as fc from "fast-check"
import {
  type Awaitable,
  type Block,
  handledNames,
  operations,
  type Program,
  type Shared,
  type Statement,
  shared,
  type Unit
} from "./Program.ts"

const delay = fc.constantFrom(0, 1, 1, 2, 3, 0.5)
const timeout = fc.constantFrom(0, 1, 1, 1, 2, 2, 2.5, -1, null, null)
const k = fc.nat({ max: 7 })
const value = fc.nat({ max: 9 })
const object = fc.constantFrom(...(Object.keys(shared) as Array<Shared>))

const operationOf = (which: "awaited" | "plain") =>
  fc
    .tuple(object, k, value)
    .filter(([on]) => operations[on][which].length > 0)
    .map(([on, n, argument]) => {
      const names = operations[on][which]
      const name = names[n % names.length] as string
      return {
        on,
        name,
        ...(takesArgument.has(name) ? { argument } : name === "notify" ? { argument: argument % 3 } : {})
      }
    })
const takesArgument: ReadonlySet<string> = new Set(["put", "put_nowait", "shutdown"])

const awaitedOperation = operationOf("awaited")

const stepping: fc.Arbitrary<Awaitable> = fc.record({
  is: fc.constant("step" as const),
  k,
  how: fc.constantFrom("anext" as const, "anext" as const, "asend" as const, "athrow" as const, "aclose" as const),
  value
})

const { awaitable } = fc.letrec<{ awaitable: Awaitable }>((tie) => ({
  awaitable: fc.oneof(
    { depthSize: "max", maxDepth: 2 },
    { weight: 5, arbitrary: fc.record({ is: fc.constant("sleep" as const), delay, value }) },
    { weight: 6, arbitrary: fc.record({ is: fc.constant("call" as const), unit: k }) },
    { weight: 4, arbitrary: fc.record({ is: fc.constant("task" as const), k }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("future" as const), k }) },
    { weight: 2, arbitrary: awaitedOperation.map((each) => ({ is: "operation" as const, ...each })) },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant("gather" as const),
        of: fc.array(tie("awaitable"), { maxLength: 3 }),
        catching: fc.boolean()
      })
    },
    { weight: 1, arbitrary: fc.record({ is: fc.constant("custom" as const), of: tie("awaitable") }) },
    { weight: 1, arbitrary: stepping },
    { weight: 2, arbitrary: fc.record({ is: fc.constant("shield" as const), of: tie("awaitable") }) },
    { weight: 3, arbitrary: fc.record({ is: fc.constant("wait_for" as const), of: tie("awaitable"), timeout }) }
  )
}))

const waiting: fc.Arbitrary<Awaitable> = fc.record({
  is: fc.constant("wait" as const),
  futures: fc.boolean(),
  ks: fc.array(k, { maxLength: 3 }),
  timeout,
  until: fc.nat({ max: 2 })
})

const pushed = fc.record({
  how: fc.constantFrom(
    "callback" as const,
    "push_async_callback" as const,
    "push" as const,
    "push_async_exit" as const
  ),
  unit: k,
  value
})

const handled = fc.nat({ max: handledNames.length - 1 })
const error = fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8)
const ending = fc.constantFrom(
  "swallow" as const,
  "swallow" as const,
  "raise" as const,
  "replace" as const,
  "replace from" as const
)

const { block } = fc.letrec<{ block: Block; statement: Statement }>((tie) => {
  const body = tie("block")
  const leaf = (weight: number, arbitrary: fc.Arbitrary<Statement>) => ({ weight, arbitrary })
  const nested = leaf
  return {
    block: fc.array(tie("statement"), { minLength: 1, maxLength: 5, depthIdentifier: "block", size: "max" }),
    statement: fc.oneof(
      { depthIdentifier: "block", depthSize: "max", maxDepth: 4 },
      leaf(14, fc.record({ do: fc.constant("await" as const), what: awaitable })),
      leaf(1, fc.constant<Statement>({ do: "mark" })),
      leaf(2, fc.record({ do: fc.constant("await" as const), what: waiting })),
      leaf(
        12,
        fc.record({
          do: fc.constant("spawn" as const),
          unit: k,
          named: fc.boolean(),
          eager: fc.constantFrom(null, null, null, null, true, false),
          into: fc.constantFrom("loop" as const, "group" as const, "group" as const),
          context: fc.option(value, { freq: 9, nil: null })
        })
      ),
      leaf(3, fc.record({ do: fc.constant("keep" as const), what: awaitable })),
      leaf(7, fc.record({ do: fc.constant("cancel" as const), k, message: fc.option(value, { nil: null }) })),
      leaf(2, fc.record({ do: fc.constant("cancel future" as const), k, message: fc.option(value, { nil: null }) })),
      leaf(1, fc.record({ do: fc.constant("forget" as const), unit: k })),
      leaf(1, fc.record({ do: fc.constant("factory" as const), eager: fc.boolean() })),
      nested(2, fc.record({ do: fc.constant("timeout at" as const), when: fc.constantFrom(0, 1, 2, 3, 4), body })),
      nested(
        1,
        fc.record({
          do: fc.constant("stack" as const),
          units: fc.array(k, { maxLength: 2 }),
          pushed: fc.array(pushed, { maxLength: 2 }),
          moves: fc.boolean(),
          body
        })
      ),
      leaf(1, fc.constant<Statement>({ do: "uncancel" })),
      leaf(1, fc.record({ do: fc.constant("uncancel task" as const), k })),
      leaf(
        1,
        fc.record({
          do: fc.constant("peek" as const),
          k,
          how: fc.constantFrom("result" as const, "exception" as const)
        })
      ),
      leaf(1, fc.record({ do: fc.constant("rename" as const), k, value })),
      leaf(1, fc.record({ do: fc.constant("unwatch" as const), k })),
      leaf(
        1,
        fc.record({
          do: fc.constant("handler" as const),
          how: fc.constantFrom("trace" as const, "trace" as const, "raise" as const, "default" as const)
        })
      ),
      leaf(2, fc.record({ do: fc.constant("relay" as const), unit: k })),
      nested(1, fc.record({ do: fc.constant("suppress" as const), of: handled, body })),
      nested(1, fc.record({ do: fc.constant("with variable" as const), value, body })),
      leaf(2, fc.constant<Statement>({ do: "look" })),
      leaf(1, fc.record({ do: fc.constant("show" as const), on: object })),
      leaf(1, fc.record({ do: fc.constant("show task" as const), k })),
      leaf(1, fc.record({ do: fc.constant("spawn into" as const), k, unit: k })),
      leaf(1, fc.record({ do: fc.constant("move" as const), k, delay: timeout })),
      leaf(
        1,
        fc.record({ do: fc.constant("race" as const), of: fc.array(k, { minLength: 1, maxLength: 3 }), delay: timeout })
      ),
      leaf(2, fc.record({ do: fc.constant("begin unit" as const), unit: k })),
      leaf(3, fc.record({ do: fc.constant("await" as const), what: stepping })),
      leaf(2, fc.record({ do: fc.constant("wait until" as const), on: fc.constant("C0" as const), value })),
      leaf(3, fc.record({ do: fc.constant("raise" as const), error, message: value })),
      leaf(1, fc.record({ do: fc.constant("return" as const), value })),
      leaf(1, fc.record({ do: fc.constant("reschedule" as const), delay: timeout })),
      leaf(1, fc.constant<Statement>({ do: "break" })),
      leaf(3, fc.record({ do: fc.constant("yield" as const), value })),
      leaf(2, fc.constant<Statement>({ do: "wait notified", on: "C0" })),
      leaf(
        4,
        operationOf("plain").map((each) => ({ do: "operation" as const, ...each }))
      ),
      leaf(
        2,
        fc.record({
          do: fc.constant("settle" as const),
          k,
          how: fc.constantFrom("result" as const, "exception" as const, "cancel" as const),
          value
        })
      ),
      leaf(1, fc.record({ do: fc.constant("drop" as const), k })),
      leaf(1, fc.record({ do: fc.constant("set variable" as const), value })),
      leaf(
        2,
        fc.record({
          do: fc.constant("as_completed" as const),
          of: fc.array(awaitable, { maxLength: 3 }),
          timeout,
          plain: fc.boolean()
        })
      ),
      nested(1, fc.record({ do: fc.constant("repeat" as const), times: fc.integer({ min: 1, max: 3 }), body })),
      nested(
        9,
        fc.record({
          do: fc.constant("try" as const),
          body,
          handler: fc.option(fc.record({ of: handled, body, ending }), { freq: 4, nil: null }),
          last: fc.option(body, { freq: 2, nil: null })
        })
      ),
      nested(
        2,
        fc.record({
          do: fc.constant("except_star" as const),
          body,
          of: fc.nat({ max: handledNames.length - 2 }),
          handler: body,
          raises: fc.boolean()
        })
      ),
      nested(4, fc.record({ do: fc.constant("group" as const), body })),
      nested(4, fc.record({ do: fc.constant("timeout" as const), delay: timeout, body })),
      nested(
        4,
        fc.record({
          do: fc.constant("with" as const),
          on: fc.constantFrom(
            "L0" as const,
            "S0" as const,
            "S1" as const,
            "C0" as const,
            "C0" as const,
            "C1" as const,
            "B0" as const,
            "B1" as const
          ),
          body
        })
      ),
      nested(2, fc.record({ do: fc.constant("with unit" as const), unit: k, body })),
      nested(2, fc.record({ do: fc.constant("for unit" as const), unit: k, body })),
      nested(1, fc.record({ do: fc.constant("watch" as const), task: fc.boolean(), k, body })),
      nested(
        2,
        fc.record({
          do: fc.constant("call" as const),
          how: fc.constantFrom("soon" as const, "later" as const, "soon threadsafe" as const, "at" as const),
          delay,
          body
        })
      )
    )
  }
})

const handlerOfManager = fc.option(fc.record({ of: handled, ending }), { nil: null })
const unit: fc.Arbitrary<Unit> = fc
  .record({
    kind: fc.constantFrom(
      "coroutine" as const,
      "coroutine" as const,
      "coroutine" as const,
      "generator" as const,
      "manager" as const
    ),
    body: block,
    guard: fc.constantFrom(0, 0, 1, 1, 1, null),
    exit: block,
    handler: handlerOfManager
  })
  .map((each) => (each.kind === "manager" ? each : { ...each, exit: [], handler: null }))

/** Programs of up to six units; not normalized yet. */
export const program: fc.Arbitrary<Program> = fc.record({
  units: fc.array(unit, { minLength: 3, maxLength: 6, size: "max" }),
  eager: fc.constantFrom(false, false, false, true),
  driven: fc.constantFrom(true, true, true, true, false)
})
