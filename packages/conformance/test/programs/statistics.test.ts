import { beforeAll, describe, expect, it } from "vitest"
import { type Awaitable, operations, type Statement } from "../../src/programs/Program.ts"
import { programsOf } from "../../src/programs/search.ts"
import { type Statistics, statisticsOf, tableOf } from "../../src/programs/statistics.ts"

/** Every kind of statement, and by what its runs are counted. */
const statements: Readonly<Record<Statement["do"], ReadonlyArray<string>>> = {
  mark: ["mark"],
  await: ["await"],
  spawn: ["spawn", "spawn into its group", "spawn eager_start=true", "spawn eager_start=false", "spawn context"],
  keep: ["keep"],
  cancel: ["cancel"],
  "cancel future": ["cancel future"],
  forget: ["forget"],
  factory: ["factory"],
  "timeout at": ["timeout at"],
  stack: ["callback", "push_async_callback", "push", "push_async_exit", "pop_all"].map((how) => `stack ${how}`),
  suppress: ["suppress"],
  "with variable": ["with variable"],
  relay: ["relay"],
  peek: ["peek result", "peek exception"],
  rename: ["rename"],
  unwatch: ["unwatch"],
  handler: ["handler trace", "handler raise", "handler default"],
  uncancel: ["uncancel"],
  "uncancel task": ["uncancel task"],
  look: ["look"],
  show: ["show"],
  "show task": ["show task"],
  "spawn into": ["spawn into"],
  move: ["move"],
  race: ["race"],
  "begin unit": ["begin unit"],
  "wait until": ["wait until"],
  raise: ["raise"],
  return: ["return"],
  repeat: ["repeat"],
  try: ["try"],
  except_star: ["except_star"],
  group: ["group"],
  timeout: ["timeout"],
  reschedule: ["reschedule"],
  with: ["L0", "S0", "S1", "S2", "C0", "C1", "B0", "B1"].map((on) => `with ${on}`),
  "with unit": ["with unit"],
  "for unit": ["for unit"],
  as_completed: ["as_completed for", "as_completed async for"],
  break: ["break"],
  yield: ["yield"],
  "wait notified": ["wait notified"],
  operation: Object.entries(operations).flatMap(([on, { plain }]) => plain.map((name) => `operation ${on}.${name}`)),
  settle: ["settle result", "settle exception", "settle cancel"],
  watch: ["watch"],
  call: ["call soon", "call soon threadsafe", "call later", "call at"],
  drop: ["drop"],
  "set variable": ["set variable"]
}

const awaitables: Readonly<Record<Awaitable["is"], ReadonlyArray<string>>> = {
  sleep: ["sleep"],
  call: ["call"],
  task: ["task"],
  future: ["future"],
  gather: ["gather"],
  shield: ["shield"],
  wait_for: ["wait_for"],
  custom: ["custom"],
  step: ["anext", "asend", "athrow", "aclose"],
  wait: ["wait"],
  operation: Object.entries(operations).flatMap(([on, { awaited }]) => awaited.map((name) => `${on}.${name}`))
}

describe("random programs", () => {
  const count = 2000
  let statistics: Statistics
  beforeAll(async () => {
    statistics = await statisticsOf(programsOf(20_26, 0, count))
  }, 120_000)

  it("run every kind of statement, and await everything that can be awaited", () => {
    const expected = [
      ...Object.values(statements).flat(),
      ...Object.values(awaitables).flatMap((kinds) => kinds.map((kind) => `await ${kind}`))
    ]
    expect(expected.filter((kind) => (statistics.kinds.get(kind)?.runs ?? 0) < 3)).toEqual([])
  })

  it("seldom end before anything has happened", () => {
    const [, marks] = statistics.sizes.get("marks") as readonly [number, number, number]
    const [, tasks] = statistics.sizes.get("tasks") as readonly [number, number, number]
    expect(marks).toBeGreaterThan(15)
    expect(tasks).toBeGreaterThan(3)
    expect(statistics.endings.get("in the first pass")).toBeLessThan(0.1 * count)
    expect(statistics.endings.get("after a CancelledError was seen")).toBeGreaterThan(0.3 * count)
  })

  it("are shown in a table", () => {
    const lines = tableOf(statistics).split("\n")
    expect(lines[0]).toBe("2000 programs")
    expect(lines).toContainEqual(expect.stringMatching(/^ +[\d.]+ % +[\d.]+ % +\d+ {2}await gather$/))
  })
})
