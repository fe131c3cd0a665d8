// Runs all scenarios.
import { asyncioScenarios } from "./asyncio/index.ts"
import { coreScenarios } from "./core/index.ts"
import { pageOf } from "./page.ts"
import { rowOf as asyncioRowOf } from "./support/asyncio.ts"
import { lineOf, merged } from "./support/cells.ts"
import { rowOf as coreRowOf } from "./support/core.ts"
import type { Row } from "./support/observation.ts"

export const makeRows = async (): Promise<{
  readonly core: ReadonlyArray<Row>
  readonly asyncio: ReadonlyArray<Row>
}> => {
  const core: Array<Row> = []
  for (const scenario of coreScenarios) core.push(await coreRowOf(scenario))
  const asyncio: Array<Row> = []
  for (const scenario of asyncioScenarios) asyncio.push(await asyncioRowOf(scenario))
  return { core, asyncio }
}

export const makePage = ({ core, asyncio }: Awaited<ReturnType<typeof makeRows>>): string =>
  pageOf(merged(core.map(lineOf)), merged(asyncio.map(lineOf)))
