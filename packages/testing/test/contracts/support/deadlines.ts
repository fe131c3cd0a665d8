// The contract of deadlines under deadlines, and who keeps it.
//
//   - The nearest deadline wins; of two for the same instant, the outer one. Only that one is told of.
//   - A request from outside wins over the deadlines that come later, and is never taken for one of them.
//   - What is shielded goes on to its end. In core, whoever is around it waits for that; in asyncio, not.
//   - Whatever ends in time is not disturbed. Nothing is left, and the clean-up has ended.
import * as asyncio from "@skein/asyncio"
import { CancelScope, Task, VirtualTime } from "@skein/core"
import { type ExploreOptions, exhaustive, explore, type Report } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { insist } from "./insist.ts"
import { nothingIsLeft } from "./leftovers.ts"

/**
 * Around the work, from outside in: a deadline that fails, one that goes on without, and a shield; and, in asyncio, code that
 * swallows a cancellation. Times are in seconds.
 */
export type Layer =
  | { readonly kind: "fail"; readonly seconds: number }
  | { readonly kind: "move"; readonly seconds: number }
  | { readonly kind: "shield" }
  | { readonly kind: "swallow" }

export interface Nesting {
  readonly layers: ReadonlyArray<Layer>
  /** How long the work takes. */
  readonly work: number
  /** When it is asked to stop from outside; `Infinity` for never. */
  readonly stop: number
}

export const nestingText = ({ layers, work, stop }: Nesting): string => {
  const around = layers.map((layer) => ("seconds" in layer ? `${layer.kind} ${layer.seconds}` : layer.kind))
  return `${[...around, `work ${work}`].join(" > ")}, stopped at ${stop}`
}

const coreLayers: ReadonlyArray<Layer> = [
  { kind: "shield" },
  ...[10, 20].flatMap(
    (seconds): Array<Layer> => [
      { kind: "fail", seconds },
      { kind: "move", seconds }
    ]
  )
]

const asyncioLayers: ReadonlyArray<Layer> = [...coreLayers, { kind: "swallow" }]

/** Two timers for the same instant, one of which does not know of the other, may come in either order. */
const isClear = (layers: ReadonlyArray<Layer>): boolean => {
  const times = layers.flatMap((layer) => ("seconds" in layer ? [layer.seconds] : []))
  return layers.every((layer) => layer.kind !== "shield") || new Set(times).size === times.length
}

/** All nestings of up to so many layers. No two of their times are the same, but for deadlines directly within one another. */
export const nestings = (choices: ReadonlyArray<Layer>, most: number): Array<Nesting> => {
  const stacks: Array<ReadonlyArray<Layer>> = [[]]
  let last = stacks.slice()
  for (let depth = 1; depth <= most; depth++) {
    last = last.flatMap((layers) => choices.map((layer) => [...layers, layer]))
    stacks.push(...last)
  }
  return stacks
    .filter(isClear)
    .flatMap((layers) =>
      [5, 15, 25].flatMap((work) => [Number.POSITIVE_INFINITY, 7, 17].map((stop) => ({ layers, work, stop })))
    )
}

/** How it ends, and when: `done`; `fail` or `move` and the number of the layer; `stopped`. */
interface End {
  readonly result: string
  readonly at: number
  /** The error that stands beside an interruption, if there is one. */
  readonly beside?: string | undefined
}

/** What should come of it, if no two things happen at the same time and nothing is slow. */
const expected = ({ layers, work, stop }: Nesting, shieldWaits: boolean, depth = 0): End => {
  const layer = layers[depth]
  const inside = (limit: number) => expected({ layers, work, stop: limit }, shieldWaits, depth + 1)
  if (layer === undefined) return work < stop ? { result: "done", at: work } : { result: "stopped", at: stop }
  if (layer.kind === "shield") {
    const end = inside(Number.POSITIVE_INFINITY)
    if (end.at < stop) return end
    if (!shieldWaits) return { result: "stopped", at: stop }
    // What it returned is lost, but not its error.
    const error = end.result.startsWith("fail") ? end.result : end.beside
    return { result: "stopped", at: end.at, beside: error }
  }
  if (layer.kind === "swallow") {
    const end = inside(stop)
    return end.result === "stopped" ? { result: "swallowed", at: end.at } : end
  }
  const end = inside(Math.min(stop, layer.seconds))
  if (end.result !== "stopped" || stop <= Math.max(layer.seconds, end.at)) return end
  if (layer.kind === "move" && end.beside !== undefined) return { result: end.beside, at: end.at }
  return { result: `${layer.kind} ${depth}`, at: end.at }
}

/** What may come of it if anybody may be slow. */
const possible = (nesting: Nesting, result: string): boolean =>
  result === "done" ||
  (result === "stopped" && nesting.stop < Number.POSITIVE_INFINITY) ||
  nesting.layers.some((layer, depth) =>
    layer.kind === "swallow" ? result === "swallowed" : "seconds" in layer && result === `${layer.kind} ${depth}`
  )

/** Under which schedules a nesting is tried. */
export interface How {
  /** `anytime`: any strand may be slow. */
  readonly timers: "idle" | "anytime"
  /** How many times in a run a fiber of core is also stopped between two of its steps. */
  readonly preemptions?: number
}

export interface DeadlineMember {
  readonly name: string
  /** What can stand around the work. */
  readonly layers: ReadonlyArray<Layer>
  readonly explore: (nesting: Nesting, how: How) => Promise<Report>
}

const judge = (nesting: Nesting, timers: "idle" | "anytime", shieldWaits: boolean, { result, at }: End): void => {
  if (timers === "anytime") return insist(possible(nesting, result), `${result} at ${at} cannot be`)
  const wanted = expected(nesting, shieldWaits)
  insist(result === wanted.result && at === wanted.at, `${result} at ${at}, not ${wanted.result} at ${wanted.at}`)
}

const optionsFor = ({ timers, preemptions = 0 }: How): ExploreOptions => ({
  strategy: exhaustive({ preemptions }),
  timers,
  runs: 20_000,
  after: [nothingIsLeft()]
})

const nearest = (layers: ReadonlyArray<Layer>): number => {
  let seconds = Number.POSITIVE_INFINITY
  for (const layer of layers)
    if (layer.kind === "shield") seconds = Number.POSITIVE_INFINITY
    else if ("seconds" in layer) seconds = Math.min(seconds, layer.seconds)
  return seconds
}

const core: DeadlineMember = {
  name: "core CancelScope",
  layers: coreLayers,
  explore: (nesting, how) => {
    const { layers, stop, work } = nesting
    const { timers } = how
    let isWorking = false
    const worked = Effect.gen(function* () {
      isWorking = true
      const left = Duration.toMillis(yield* CancelScope.remaining)
      insist(timers === "anytime" || left === nearest(layers) * 1000, `${left} ms are left`)
      yield* Effect.sleep(work * 1000)
      return "done"
    })
    const cleaned = Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => {
        isWorking = false
      })
    )
    const wrapped = layers.reduceRight<Effect.Effect<string, CancelScope.DeadlineError>>(
      (inside, layer, depth) => {
        if (!("seconds" in layer)) return CancelScope.shield(inside)
        if (layer.kind === "fail") return CancelScope.failAfter(inside, layer.seconds * 1000, { name: `${depth}` })
        return Effect.map(
          CancelScope.moveOnAfter(inside, layer.seconds * 1000),
          Option.getOrElse(() => `move ${depth}`)
        )
      },
      Effect.ensuring(worked, cleaned)
    )
    const program = Effect.scoped(
      Effect.gen(function* () {
        isWorking = false
        const task = yield* Task.spawn(wrapped, { name: "worker" })
        if (stop < Number.POSITIVE_INFINITY) {
          yield* Task.spawn(Effect.andThen(Effect.sleep(stop * 1000), Task.cancel(task)), { name: "stopper" })
        }
        const exit = yield* Task.await(task)
        insist(!isWorking, "it has ended before its clean-up")
        return { result: yield* resultOf(exit), at: (yield* VirtualTime.now) / 1000 }
      })
    )
    const check = (end: End) => judge(nesting, timers, true, end)
    return Effect.runPromise(explore(program, { ...optionsFor(how), check }))
  }
}

const resultOf = (exit: Exit.Exit<string, CancelScope.DeadlineError>): Effect.Effect<string> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(exit.value)
  if (Cause.hasInterrupts(exit.cause)) return Effect.succeed("stopped")
  insist(!Cause.hasDies(exit.cause), () => Cause.pretty(exit.cause))
  const error = Cause.squash(exit.cause)
  return Effect.succeed(error instanceof CancelScope.DeadlineError ? `fail ${error.name}` : String(error))
}

/** Runs coroutine steps under a deadline. */
type Bounded = (seconds: number, inside: () => asyncio.Body<string>) => asyncio.Body<string>

const asyncioMember = (name: string, bounded: Bounded): DeadlineMember => ({
  name: `asyncio ${name}`,
  layers: asyncioLayers,
  explore: (nesting, how) => {
    const { layers, stop, work } = nesting
    const { timers } = how
    const program = asyncio.coroutine(function* program(): asyncio.Body<End> {
      const loop = asyncio.get_running_loop()
      /** Whose the errors are. */
      const owners = new Map<unknown, string>()
      let isWorking = false
      const from = function* (depth: number): asyncio.Body<string> {
        const layer = layers[depth]
        if (layer === undefined) {
          isWorking = true
          try {
            yield* asyncio.sleep(work)
            return "done"
          } finally {
            isWorking = false
          }
        }
        const inside = function* () {
          return yield* from(depth + 1)
        }
        if (layer.kind === "shield") return yield* asyncio.shield(asyncio.coroutine(inside)())
        if (layer.kind === "swallow") {
          try {
            return yield* inside()
          } catch (error) {
            if (error instanceof asyncio.CancelledError) return "swallowed"
            throw error
          }
        }
        const own = `${layer.kind} ${depth}`
        try {
          return yield* bounded(layer.seconds, inside)
        } catch (error) {
          if (!(error instanceof asyncio.TimeoutError) || owners.has(error)) throw error
          if (layer.kind === "move") return own
          owners.set(error, own)
          throw error
        }
      }
      const task = asyncio.create_task(asyncio.coroutine(from)(0), { name: "worker" })
      let requests = 0
      const stops = () => {
        if (task.cancel()) requests++
      }
      const timer = stop < Number.POSITIVE_INFINITY ? loop.call_later(stop, stops) : undefined
      yield* asyncio.wait([task])
      const at = Math.round(loop.time())
      timer?.cancel()
      insist(task.cancelling() === requests, `${task.cancelling()} requests are left, of ${requests} from outside`)
      const error = task.cancelled() ? undefined : task.exception()
      const result = task.cancelled() ? "stopped" : error === undefined ? task.result() : owners.get(error)
      insist(result !== undefined, () => `it fails with ${String(error)}`)
      // What is shielded may go on by itself.
      const others = [...asyncio.all_tasks()].filter((other) => other !== asyncio.current_task())
      if (others.length > 0) yield* asyncio.wait(others)
      insist(!isWorking, "the work has not ended")
      return { result, at }
    })
    const check = (end: End) => judge(nesting, timers, false, end)
    return exploreAsyncio(program, { ...optionsFor(how), check } as Parameters<typeof exploreAsyncio>[1])
  }
})

const timeout: Bounded = function* (seconds, inside) {
  return yield* asyncio.async_with(asyncio.timeout(seconds), inside)
}

const waitFor: Bounded = function* (seconds, inside) {
  return yield* asyncio.wait_for(asyncio.coroutine(inside)(), seconds)
}

/** Everything that bounds the time of a block. */
export const deadlineMembers: ReadonlyArray<DeadlineMember> = [
  core,
  asyncioMember("timeout", timeout),
  asyncioMember("wait_for", waitFor)
]
