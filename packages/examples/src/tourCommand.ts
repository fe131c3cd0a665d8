import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Terminal from "effect/Terminal"
import { choose } from "./choose.ts"
import {
  formatHead,
  formatLine,
  formatList,
  formatOpening,
  formatTotal,
  formatVerdict,
  type Screen
} from "./display.ts"
import { isGood, type Performance, perform } from "./judge.ts"
import type { Scenario } from "./Scenario.ts"
import { scenarios } from "./scenarios/index.ts"
import { readRecording } from "./twins.ts"

/** Some scenario failed or printed something else than CPython. The display has said so already. */
export class TourFailed extends Error {
  override readonly name = "TourFailed"
  override readonly [Runtime.errorExitCode] = 1
  override readonly [Runtime.errorReported] = false
}

/** A name that no scenario has. */
export class NoSuchScenario extends Error {
  override readonly name = "NoSuchScenario"
  override readonly [Runtime.errorExitCode] = 2
  override readonly [Runtime.errorReported] = false
}

const find = (name: string): Effect.Effect<Scenario, NoSuchScenario> =>
  Result.match(choose(scenarios, name), {
    onSuccess: Effect.succeed,
    onFailure: (reason) => Effect.andThen(Console.error(reason), Effect.fail(new NoSuchScenario(reason)))
  })

const screenOf: Effect.Effect<Screen, never, Terminal.Terminal> = Effect.gen(function* () {
  const terminal = yield* Terminal.Terminal
  const columns = yield* terminal.columns
  const { canColor } = yield* TerminalCapabilities
  // Long lines are hard to read; a pipe has no columns at all.
  return { width: columns > 0 ? Math.min(columns, 100) : 100, color: canColor }
})

/** Runs scenarios one after the other and shows them. Fails with {@link TourFailed} if any of them is not as it should be. */
export const runTour = Effect.fn("runTour")(function* (chosen: ReadonlyArray<Scenario>) {
  const screen = yield* screenOf
  const begin = yield* Clock.currentTimeMillis
  yield* Console.log(formatHead(screen, chosen.length))
  const performances: Array<Performance> = []
  for (const scenario of chosen) {
    yield* Console.log(formatOpening(screen, scenario))
    const performance = yield* Effect.promise(() => perform(scenario, readRecording))
    performances.push(performance)
    for (const line of performance.lines) yield* Console.log(formatLine(screen, line))
    yield* Console.log(formatVerdict(screen, performance))
  }
  const seconds = ((yield* Clock.currentTimeMillis) - begin) / 1000
  yield* Console.log(formatTotal(screen, performances, seconds))
  if (!performances.every(({ verdict }) => isGood(verdict))) return yield* Effect.fail(new TourFailed())
})

/** `tour [--list] [S01 S02 ...]` */
export const command = Command.make(
  "tour",
  {
    names: Argument.String("scenario").pipe(
      Argument.withDescription("Which scenarios to run, such as S11; all of them if none is named"),
      Argument.variadic()
    ),
    list: Flag.Boolean("list").pipe(
      Flag.withDescription("Show the scenarios' names and run none"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function* ({ list, names }) {
    if (list) return yield* Console.log(formatList(yield* screenOf, scenarios))
    const chosen = yield* Effect.forEach(names, find)
    yield* runTour(chosen.length === 0 ? scenarios : chosen)
  })
).pipe(
  Command.withDescription("Runs asyncio's well-known programs on Effect fibers and compares them with CPython"),
  Command.withExamples([
    { command: "npm start", description: "Run all scenarios" },
    { command: "npm start -- S11", description: "Run one" }
  ])
)
