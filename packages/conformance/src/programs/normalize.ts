// Makes a program meaningful as it stands: what cannot be where it is becomes a mark, picks of units become unit numbers, and
// each statement gets its number. The printers then only have to print.

import type { Awaitable, Block, ConditionName, Program, Pushed, Statement, Unit } from "./Program.ts"

interface Place {
  readonly unit: number
  readonly kind: Unit["kind"]
  readonly returns: boolean
  readonly breaks: boolean
  readonly yields: boolean
  readonly group: boolean
  readonly timeout: boolean
  /** The condition whose lock is held. */
  readonly condition: ConditionName | undefined
  /** Inside a callback nothing can be awaited. */
  readonly callback: boolean
}

export const normalize = (program: Program): Program => {
  let ids = 0
  const { units } = program

  const pick = (place: Place, kind: Unit["kind"], k: number): number | undefined => {
    const candidates: Array<number> = []
    for (let n = place.unit + 1; n < units.length; n++) if ((units[n] as Unit).kind === kind) candidates.push(n)
    return candidates.length === 0 ? undefined : candidates[k % candidates.length]
  }

  const awaitable = (given: Awaitable, place: Place): Awaitable => {
    switch (given.is) {
      case "call": {
        const unit = pick(place, "coroutine", given.unit)
        return unit === undefined ? { is: "sleep", delay: 1, value: given.unit } : { ...given, unit }
      }
      case "gather":
        return { ...given, of: given.of.map((each) => awaitable(each, place)) }
      case "shield":
      case "custom":
      case "wait_for":
        return { ...given, of: awaitable(given.of, place) }
      default:
        return given
    }
  }

  const block = (given: Block, place: Place): Block => given.map((each) => statement(each, place))
  /** A body that TypeScript writes as a function: neither `yield` nor `break` gets out of it. */
  const within = (place: Place): Place => ({ ...place, breaks: false, yields: false })

  const statement = (given: Statement, place: Place): Statement => {
    const id = ++ids
    const mark: Statement = { do: "mark", id }
    if (place.callback && !inCallbacks.has(given.do)) return mark
    switch (given.do) {
      case "await":
      case "keep":
        return { ...given, id, what: awaitable(given.what, place) }
      case "spawn": {
        const unit = pick(place, "coroutine", given.unit)
        if (unit === undefined) return mark
        return { ...given, id, unit, into: place.group ? given.into : "loop" }
      }
      case "relay": {
        const unit = place.yields ? pick(place, "generator", given.unit) : undefined
        return unit === undefined ? mark : { ...given, id, unit }
      }
      case "spawn into":
      case "forget":
      case "begin unit": {
        const unit = pick(place, given.do === "begin unit" ? "generator" : "coroutine", given.unit)
        return unit === undefined ? mark : { ...given, id, unit }
      }
      case "race": {
        const of = given.of.map((k) => pick(place, "coroutine", k)).filter((unit) => unit !== undefined)
        return of.length === 0 ? mark : { ...given, id, of }
      }
      case "wait until":
      case "wait notified":
        return place.condition === undefined ? mark : { ...given, id, on: place.condition }
      case "return":
        return place.returns ? { ...given, id } : mark
      case "repeat":
        return { ...given, id, body: block(given.body, { ...place, breaks: false }) }
      case "try":
        return {
          ...given,
          id,
          body: block(given.body, place),
          handler: given.handler === null ? null : { ...given.handler, body: block(given.handler.body, place) },
          // What leaves a `finally` by return or break hides the error.
          last: given.last === null ? null : block(given.last, { ...place, returns: false, breaks: false })
        }
      case "except_star": {
        const inside = { ...place, returns: false, breaks: false }
        return { ...given, id, body: block(given.body, inside), handler: block(given.handler, within(inside)) }
      }
      case "group":
        return { ...given, id, body: block(given.body, { ...within(place), group: true }) }
      case "timeout":
        return { ...given, id, body: block(given.body, { ...within(place), timeout: true }) }
      case "timeout at":
        return { ...given, id, body: block(given.body, { ...within(place), timeout: true }) }
      case "stack": {
        const picked = given.units.map((k) => pick(place, "manager", k)).filter((unit) => unit !== undefined)
        const pushed = given.pushed.flatMap((each): ReadonlyArray<Pushed> => {
          const unit = each.how === "push_async_callback" ? pick(place, "coroutine", each.unit) : 0
          return unit === undefined ? [] : [{ ...each, unit }]
        })
        return { ...given, id, units: picked, pushed, body: block(given.body, within(place)) }
      }
      case "suppress":
      case "with variable":
        return { ...given, id, body: block(given.body, within(place)) }
      case "reschedule":
        return place.timeout ? { ...given, id } : mark
      case "with":
        return {
          ...given,
          id,
          body: block(given.body, {
            ...within(place),
            condition: given.on === "C0" || given.on === "C1" ? given.on : place.condition
          })
        }
      case "with unit": {
        const unit = pick(place, "manager", given.unit)
        return unit === undefined ? mark : { ...given, id, unit, body: block(given.body, within(place)) }
      }
      case "for unit": {
        const unit = pick(place, "generator", given.unit)
        if (unit === undefined) return mark
        return { ...given, id, unit, body: block(given.body, { ...within(place), returns: false, breaks: true }) }
      }
      case "as_completed":
        return { ...given, id, of: given.of.map((each) => awaitable(each, place)) }
      case "break":
        return place.breaks ? { ...given, id } : mark
      case "yield":
        return place.yields ? { ...given, id } : mark
      case "watch":
      case "call":
        return { ...given, id, body: block(given.body, callback(place)) }
      default:
        return { ...given, id }
    }
  }

  return {
    ...program,
    units: units.map((unit, n) => {
      const kind = n === 0 ? "coroutine" : unit.kind
      const place: Place = {
        unit: n,
        kind,
        returns: kind === "coroutine",
        breaks: false,
        yields: kind === "generator",
        group: false,
        timeout: false,
        condition: undefined,
        callback: false
      }
      return { ...unit, kind, guard: null, body: block(guarded(unit), place), exit: block(unit.exit, place) }
    })
  }
}

const guarded = ({ body, guard }: Unit): Block =>
  guard === null
    ? body
    : body.map((each) => {
        if (each.do === "try" || each.do === "return") return each
        return { do: "try", body: [each], handler: { of: guard, body: [], ending: "swallow" }, last: null }
      })

const callback = (place: Place): Place => ({
  ...place,
  returns: false,
  breaks: false,
  yields: false,
  group: false,
  timeout: false,
  condition: undefined,
  callback: true
})

const inCallbacks: ReadonlySet<Statement["do"]> = new Set([
  "mark",
  "cancel",
  "raise",
  "operation",
  "settle",
  "drop",
  "set variable",
  "call",
  "spawn",
  "spawn into",
  "cancel future",
  "factory",
  "move",
  "show",
  "show task",
  "peek",
  "rename",
  "unwatch",
  "handler",
  "uncancel task"
])
