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
  type Unit
} from "./Program.ts"
import { allThemes, type Boosted, type Theme } from "./themes.ts"

const delay = fc.constantFrom(0, 1, 1, 2, 3, 0.5)
const timeout = fc.constantFrom(0, 1, 1, 1, 2, 2, 2.5, -1, null, null)
const k = fc.nat({ max: 7 })
const value = fc.nat({ max: 9 })
const handled = fc.nat({ max: handledNames.length - 1 })
const error = fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 3, 3, 4, 5, 6, 7, 8)
const message = fc.option(value, { nil: null })

/** A constant of a literal type, or one of several. */
const one = <const T extends ReadonlyArray<string | boolean>>(...values: T): fc.Arbitrary<T[number]> =>
  fc.constantFrom(...values)
/** Mostly null. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary })

const takesArgument: ReadonlySet<string> = new Set(["put", "put_nowait", "shutdown"])

const operationOf = (objects: ReadonlyArray<Shared>, which: "awaited" | "plain") => {
  const having = objects.filter((on) => operations[on][which].length > 0)
  if (having.length === 0) return undefined
  return fc.tuple(fc.constantFrom(...having), k, value).map(([on, n, argument]) => {
    const names = operations[on][which]
    const name = names[n % names.length] as string
    return {
      on,
      name,
      ...(takesArgument.has(name) ? { argument } : name === "notify" ? { argument: argument % 3 } : {})
    }
  })
}

const stepping: fc.Arbitrary<Awaitable> = fc.record({
  is: one("step"),
  k,
  how: one("anext", "anext", "anext", "asend", "asend", "athrow", "aclose"),
  value
})

const waiting: fc.Arbitrary<Awaitable> = fc.record({
  is: one("wait"),
  futures: fc.boolean(),
  ks: fc.array(k, { maxLength: 3 }),
  timeout,
  until: fc.nat({ max: 2 })
})

const awaitableOf = (objects: ReadonlyArray<Shared>): fc.Arbitrary<Awaitable> => {
  const operation = operationOf(objects, "awaited")
  return fc.letrec<{ awaitable: Awaitable }>((tie) => ({
    awaitable: fc.oneof(
      { depthSize: "max", maxDepth: 2 },
      { weight: 5, arbitrary: fc.record({ is: one("sleep"), delay, value }) },
      { weight: 6, arbitrary: fc.record({ is: one("call"), unit: k }) },
      { weight: 4, arbitrary: fc.record({ is: one("task"), k }) },
      { weight: 2, arbitrary: fc.record({ is: one("future"), k }) },
      ...(operation === undefined
        ? []
        : [{ weight: 3, arbitrary: operation.map((each) => ({ is: "operation" as const, ...each })) }]),
      {
        weight: 3,
        arbitrary: fc.record({
          is: one("gather"),
          of: fc.array(tie("awaitable"), { maxLength: 3 }),
          catching: fc.boolean()
        })
      },
      { weight: 1, arbitrary: fc.record({ is: one("custom"), of: tie("awaitable") }) },
      { weight: 1, arbitrary: stepping },
      { weight: 2, arbitrary: fc.record({ is: one("shield"), of: tie("awaitable") }) },
      { weight: 3, arbitrary: fc.record({ is: one("wait_for"), of: tie("awaitable"), timeout }) }
    )
  })).awaitable
}

const pushed = fc.record({
  how: one("callback", "push_async_callback", "push", "push_async_exit"),
  unit: k,
  value
})

const spawnOf = (...into: ReadonlyArray<"loop" | "group">): fc.Arbitrary<Statement> =>
  fc.record({
    do: one("spawn"),
    unit: k,
    named: fc.boolean(),
    eager: seldom(fc.boolean()),
    into: fc.constantFrom(...into),
    context: seldom(value)
  })

/** Where a block stands: there it holds more of what is possible only there. */
const places = ["anywhere", "group", "timeout", "condition", "generator", "loop"] as const
type PlaceName = (typeof places)[number]

const blocksOf = (theme: Theme): Readonly<Record<PlaceName, fc.Arbitrary<Block>>> => {
  const awaitable = awaitableOf(theme.objects)
  const awaited = operationOf(theme.objects, "awaited")
  const plain = operationOf(theme.objects, "plain")
  const entered = theme.objects.filter((on) => on !== "E0" && !on.startsWith("Q"))
  return fc.letrec<Record<PlaceName, Block>>((tie) => {
    const choice = <T extends Statement>(weight: number, arbitrary: fc.Arbitrary<T>, boost?: Boosted) => ({
      weight: weight * (boost === undefined ? 1 : (theme.boosts[boost] ?? 1)),
      arbitrary
    })
    const body = tie("anywhere")

    const simple = [
      choice(14, fc.record({ do: one("await"), what: awaitable })),
      choice(1, fc.constant<Statement>({ do: "mark" })),
      choice(2, fc.record({ do: one("await"), what: waiting }), "await wait"),
      choice(3, fc.record({ do: one("await"), what: stepping }), "await step"),
      ...(awaited === undefined
        ? []
        : [
            choice(
              2,
              awaited.map((each) => ({ do: "await" as const, what: { is: "operation" as const, ...each } })),
              "await operation"
            )
          ]),
      ...(plain === undefined
        ? []
        : [
            choice(
              4,
              plain.map((each) => ({ do: "operation" as const, ...each })),
              "operation"
            )
          ]),
      choice(8, spawnOf("loop"), "spawn"),
      choice(3, fc.record({ do: one("keep"), what: awaitable }), "keep"),
      choice(7, fc.record({ do: one("cancel"), k, message }), "cancel"),
      choice(2, fc.record({ do: one("cancel future"), k, message }), "cancel future"),
      choice(1, fc.record({ do: one("forget"), unit: k })),
      choice(1, fc.record({ do: one("factory"), eager: fc.boolean() }), "factory"),
      choice(1, fc.constant<Statement>({ do: "uncancel" }), "uncancel"),
      choice(1, fc.record({ do: one("uncancel task"), k }), "uncancel task"),
      choice(2, fc.constant<Statement>({ do: "look" }), "look"),
      choice(1, fc.record({ do: one("show"), on: fc.constantFrom(...theme.objects) })),
      choice(1, fc.record({ do: one("show task"), k }), "show task"),
      choice(1, fc.record({ do: one("peek"), k, how: one("result", "exception") }), "peek"),
      choice(1, fc.record({ do: one("rename"), k, value }), "rename"),
      choice(1, fc.record({ do: one("spawn into"), k, unit: k }), "spawn into"),
      choice(1, fc.record({ do: one("move"), k, delay: timeout }), "move"),
      choice(
        1,
        fc.record({ do: one("race"), of: fc.array(k, { minLength: 1, maxLength: 3 }), delay: timeout }),
        "race"
      ),
      choice(2, fc.record({ do: one("begin unit"), unit: k }), "begin unit"),
      choice(2, fc.record({ do: one("raise"), error, message: value })),
      choice(1, fc.record({ do: one("return"), value })),
      choice(2, fc.record({ do: one("settle"), k, how: one("result", "exception", "cancel"), value }), "settle"),
      choice(1, fc.record({ do: one("drop"), k }), "drop"),
      choice(1, fc.record({ do: one("unwatch"), k }), "unwatch"),
      choice(1, fc.record({ do: one("handler"), how: one("trace", "trace", "raise", "default") }), "handler"),
      choice(1, fc.record({ do: one("set variable"), value }), "set variable"),
      choice(
        2,
        fc.record({
          do: one("as_completed"),
          of: fc.array(awaitable, { maxLength: 3 }),
          timeout,
          plain: fc.boolean()
        }),
        "as_completed"
      )
    ]

    const compound = [
      choice(1, fc.record({ do: one("repeat"), times: fc.integer({ min: 1, max: 3 }), body })),
      choice(
        2,
        fc.record({
          do: one("except_star"),
          body,
          of: fc.nat({ max: handledNames.length - 2 }),
          handler: body,
          raises: fc.boolean()
        }),
        "except_star"
      ),
      choice(4, fc.record({ do: one("group"), body: tie("group") }), "group"),
      choice(4, fc.record({ do: one("timeout"), delay: timeout, body: tie("timeout") }), "timeout"),
      choice(
        2,
        fc.record({ do: one("timeout at"), when: fc.constantFrom(0, 1, 2, 3, 4), body: tie("timeout") }),
        "timeout at"
      ),
      choice(
        1,
        fc.record({
          do: one("stack"),
          units: fc.array(k, { maxLength: 2 }),
          pushed: fc.array(pushed, { maxLength: 2 }),
          moves: fc.boolean(),
          body
        }),
        "stack"
      ),
      choice(1, fc.record({ do: one("suppress"), of: handled, body }), "suppress"),
      choice(1, fc.record({ do: one("with variable"), value, body }), "with variable"),
      ...(entered.length === 0
        ? []
        : [choice(4, fc.record({ do: one("with"), on: fc.constantFrom(...entered), body: tie("condition") }), "with")]),
      choice(2, fc.record({ do: one("with unit"), unit: k, body }), "with unit"),
      choice(2, fc.record({ do: one("for unit"), unit: k, body: tie("loop") }), "for unit"),
      choice(1, fc.record({ do: one("watch"), task: fc.boolean(), k, body }), "watch"),
      choice(2, fc.record({ do: one("call"), how: one("soon", "later", "soon threadsafe", "at"), delay, body }), "call")
    ]

    const trying = (inside: fc.Arbitrary<Block>) =>
      choice(
        9,
        fc.record({
          do: one("try"),
          body: inside,
          handler: fc.option(
            fc.record({
              of: handled,
              body: inside,
              ending: one("swallow", "swallow", "raise", "replace", "replace from")
            }),
            { freq: 4, nil: null }
          ),
          last: fc.option(inside, { freq: 2, nil: null })
        })
      )

    const own: Readonly<Record<PlaceName, ReadonlyArray<fc.WeightedArbitrary<Statement>>>> = {
      anywhere: [],
      group: [choice(24, spawnOf("group"))],
      timeout: [choice(6, fc.record({ do: one("reschedule"), delay: timeout }))],
      condition: [
        choice(12, fc.constant<Statement>({ do: "wait notified", on: "C0" })),
        choice(6, fc.record({ do: one("wait until"), on: one("C0"), value }))
      ],
      generator: [
        choice(70, fc.record({ do: one("yield"), value })),
        choice(25, fc.record({ do: one("relay"), unit: k }))
      ],
      loop: [choice(3, fc.constant<Statement>({ do: "break" }))]
    }

    const blockAt = (place: PlaceName): fc.Arbitrary<Block> =>
      fc.array(
        fc.oneof(
          { depthIdentifier: "block", depthSize: "max", maxDepth: 4 },
          ...own[place],
          ...simple,
          ...compound,
          trying(tie(place))
        ),
        { minLength: 1, maxLength: 5, depthIdentifier: "block", size: "max" }
      )
    return Object.fromEntries(places.map((place) => [place, blockAt(place)])) as Record<PlaceName, fc.Arbitrary<Block>>
  })
}

const programOf = (theme: Theme): fc.Arbitrary<Program> => {
  const blocks = blocksOf(theme)
  const guard = fc.constantFrom(0, 0, 1, 1, 1, null)
  const beginning = fc.oneof(
    { weight: 2 * theme.kinds.coroutine, arbitrary: spawnOf("loop") },
    { weight: theme.kinds.generator, arbitrary: fc.record({ do: one("begin unit"), unit: k }) }
  )
  const main: fc.Arbitrary<Unit> = fc
    .tuple(fc.array(beginning, { minLength: 1, maxLength: 3, size: "max" }), blocks.anywhere, blocks.anywhere)
    .chain(([beginnings, first, second]) =>
      fc.record({
        kind: one("coroutine"),
        body: fc.constant([...beginnings, ...first, ...second]),
        guard: fc.constantFrom(0, 1, 1),
        exit: fc.constant([]),
        handler: fc.constant(null)
      })
    )
  const coroutine: fc.Arbitrary<Unit> = fc.record({
    kind: one("coroutine"),
    body: blocks.anywhere,
    guard,
    exit: fc.constant([]),
    handler: fc.constant(null)
  })
  const generator: fc.Arbitrary<Unit> = fc.record({
    kind: one("generator"),
    body: blocks.generator,
    guard,
    exit: fc.constant([]),
    handler: fc.constant(null)
  })
  const manager: fc.Arbitrary<Unit> = fc.record({
    kind: one("manager"),
    body: blocks.anywhere,
    guard,
    exit: blocks.anywhere,
    handler: fc.option(
      fc.record({ of: handled, ending: one("swallow", "swallow", "raise", "replace", "replace from") }),
      { nil: null }
    )
  })
  const other = fc.oneof(
    { weight: theme.kinds.coroutine, arbitrary: coroutine },
    { weight: theme.kinds.generator, arbitrary: generator },
    { weight: theme.kinds.manager, arbitrary: manager }
  )
  // Whoever spawns finds a coroutine behind it, and a generator that relays finds another generator.
  const last: fc.Arbitrary<ReadonlyArray<Unit>> =
    theme.kinds.generator > theme.kinds.coroutine ? fc.tuple(generator, coroutine) : fc.tuple(coroutine)
  return fc
    .tuple(main, fc.array(other, { minLength: 2, maxLength: 5, size: "max" }), last)
    .chain(([first, others, end]) =>
      fc.record({
        units: fc.constant([first, ...others, ...end]),
        eager: one(false, false, false, true),
        driven: one(true, true, true, true, false)
      })
    )
}

/** Programs of up to eight units, each of one theme; not normalized yet. */
export const program: fc.Arbitrary<Program> = fc.oneof(...allThemes.map(programOf))
