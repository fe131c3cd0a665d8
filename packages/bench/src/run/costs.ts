// The figures that are not rows of the table, each from programs of its own in src/costs and src/growth.

import { join } from "node:path"
import * as Schema from "effect/Schema"
import { operationNames } from "../growth/operations.ts"
import { median } from "../median.ts"
import { runProcess } from "./processes.ts"
import { type Cost, Growth } from "./Report.ts"

const sourceRoot = join(import.meta.dirname, "..")

/** The columns that are ours. */
const ourColumns = ["asyncio", "core"] as const

const node = (program: string, ...args: ReadonlyArray<string>): readonly [string, ...ReadonlyArray<string>] => [
  process.execPath,
  "--expose-gc",
  "--max-old-space-size=8192",
  "--conditions=@skein/source",
  join(sourceRoot, program),
  ...args
]

type Figures = Readonly<Record<string, number>>

const figuresOf = async (program: string, ...args: ReadonlyArray<string>): Promise<Figures> => {
  const { lines, error } = await runProcess(node(program, ...args), 180_000)
  const figures = lines.at(-1)
  if (error !== undefined || figures === undefined) throw new Error(error ?? `${program} printed nothing`)
  return figures as Figures
}

type Measured = Omit<Cost, "name" | "error">

interface Known {
  readonly name: string
  readonly measure: (quick: boolean) => Promise<ReadonlyArray<Measured>>
}

const of = (figures: Figures, name: string): number => {
  const figure = figures[name]
  if (figure === undefined) throw new Error(`the figure ${name} is missing`)
  return figure
}

const registryShare = async (column: string, quick: boolean): Promise<Measured> => {
  const [with_, without]: [Array<number>, Array<number>] = [[], []]
  for (let pair = 0; pair < (quick ? 1 : 5); pair++) {
    with_.push(of(await figuresOf("costs/registry.ts", column), "ms"))
    without.push(of(await figuresOf("costs/registry.ts", column, "--without"), "ms"))
  }
  const [own, bare] = [median(with_), median(without)]
  const detail = `${own.toFixed(0)} ms with it, ${bare.toFixed(0)} ms with its add and remove emptied`
  return { column, value: ((own - bare) / own) * 100, unit: "%", target: 10, detail }
}

const known: ReadonlyArray<Known> = [
  {
    name: "task registry's share of spawn_gather",
    measure: async (quick) => [await registryShare("asyncio", quick), await registryShare("core", quick)]
  },
  {
    name: "virtual time and debug mode, when off",
    measure: async () => {
      const figures = await figuresOf("costs/modes.ts")
      const [before, after] = [of(figures, "before"), of(figures, "after")]
      const times = (name: string) => (of(figures, name) / before).toFixed(2)
      const on = `switched on, virtual time takes ${times("virtual")} and debug mode ${times("debug")} of the plain time`
      const detail = `yields after both were used in the process, over yields before; ${on}`
      return [{ column: "asyncio", value: after / before, unit: "", target: 1.1, detail }]
    }
  },
  {
    name: "release of a lock with 100,000 cancelled waiters",
    measure: async () => {
      const figures = await figuresOf("costs/cancelled_waiters.ts")
      return ourColumns.map((column) => ({
        column,
        value: of(figures, `${column}_100000`),
        unit: "ns",
        // A walk over 100,000 waiters takes several times as long as this.
        target: 100_000,
        detail: `one call, ${of(figures, `${column}_10`).toFixed(0)} ns with 10 cancelled waiters`
      }))
    }
  },
  {
    name: "heap kept of 1,000,000 cancelled timers",
    measure: async () => {
      const figures = await figuresOf("costs/timers.ts")
      return ourColumns.map((column) => {
        const [peak, left] = [of(figures, `${column}_peak`), of(figures, `${column}_left`)]
        const detail = `${(left / 2 ** 20).toFixed(1)} MiB of the ${(peak / 2 ** 20).toFixed(0)} MiB while they were set`
        return { column, value: (Math.max(0, left) / peak) * 100, unit: "%", target: 5, detail }
      })
    }
  },
  {
    name: "p99 of a loopback echo beside 1,000 yielding tasks",
    measure: async () => {
      const measured: Array<Measured> = []
      for (const column of ourColumns) {
        const figures = await figuresOf("costs/echo.ts", column)
        const alone = await figuresOf("costs/echo.ts", column, "0")
        const detail = `median ${of(figures, "p50").toFixed(2)} ms; with no tasks p99 ${of(alone, "p99").toFixed(2)} ms`
        measured.push({ column, value: of(figures, "p99"), unit: "ms", target: 5, detail })
      }
      return measured
    }
  }
]

/** Measures all costs. One that fails is in the list with its error. */
export const measureCosts = async (quick: boolean, onCost: (name: string) => void): Promise<ReadonlyArray<Cost>> => {
  const costs: Array<Cost> = []
  for (const { name, measure } of known) {
    onCost(name)
    try {
      for (const measured of await measure(quick)) costs.push({ name, ...measured })
    } catch (error) {
      costs.push({
        name,
        column: "-",
        unit: "",
        detail: "",
        error: error instanceof Error ? error.message : `${error}`
      })
    }
  }
  return costs
}

const decodeGrowth = Schema.decodeUnknownOption(Growth)

/** Measures how costs grow with the number of tasks, each operation of each column in a process of its own. */
export const measureGrowth = async (
  columns: ReadonlyArray<string> | undefined,
  quick: boolean,
  onGrowth: (column: string, operation: string) => void
): Promise<ReadonlyArray<Growth>> => {
  const growths: Array<Growth> = []
  for (const operation of operationNames) {
    for (const column of ourColumns) {
      if (columns !== undefined && !columns.includes(column)) continue
      onGrowth(column, operation)
      const sizes = quick ? "1000,10000,100000" : "1000,10000,100000,1000000"
      const command = node(`growth/${column}.ts`, "--only", operation, "--sizes", sizes)
      const { lines, error } = await runProcess(command, 180_000)
      const growth = decodeGrowth(lines[0])
      if (error === undefined && growth._tag === "Some") growths.push(growth.value)
      else growths.push({ column, operation, points: [], error: error ?? "the process printed no figures" })
    }
  }
  return growths
}
