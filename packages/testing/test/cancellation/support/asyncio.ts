// Runs a scenario of asyncio: once for each point at which the task that makes its operation can be cancelled, and at times at which
// it has long waited.
import * as asyncio from "@skein/asyncio"
import { cancelEverywhere } from "@skein/testing/asyncio"
import {
  type AtRest,
  type Case,
  casesOf,
  type Ending,
  type Observed,
  type Row,
  SUCCESS,
  type Subject,
  type Times,
  timesOf
} from "./observation.ts"

/** What coroutines of a scenario do. */
export type Steps = Generator<asyncio.Step<never>, void, unknown>

/** One staging of a scenario: the objects are its own. */
export interface Stage {
  /** Done first, by the one who ends the waiting. */
  readonly before?: () => Steps
  /** The operation, as a user writes it. */
  readonly operation: () => Steps
  /** Somebody who comes right behind. */
  readonly next?: () => Steps
  /** Ends the waiting, a second later. */
  readonly wake: () => Steps
  /** Looks at what there is an hour later. */
  readonly observe: (rest: AtRest) => Observed
}

/** A waiting operation of asyncio. */
export interface Scenario extends Subject {
  readonly stage: () => Stage
}

export const rowOf = async ({ stage, ...subject }: Scenario): Promise<Row> => {
  const cases: Array<Case> = []
  for (const [moment, times] of timesOf(subject)) {
    const main = play(stage, times, (end) => void cases.push({ moment, ...end }))
    await asyncio.run(main, { loop_factory: asyncio.VirtualEventLoop })
  }
  const runs: Array<Ending> = []
  const setup = () => ({ program: play(stage, [], (end) => void runs.push(end)), victim: "victim" })
  const leaks = subject.losses === undefined ? undefined : false
  const { points } = await cancelEverywhere(setup, { twice: true, leaks })
  return { ...subject, cases: [...cases, ...casesOf(subject.operation, points, runs)] }
}

function* play(make: () => Stage, times: Times, tell: (end: Ending) => void): Steps {
  const stage = make()
  if (stage.before !== undefined) yield* stage.before()
  const victim = asyncio.create_task(coroutineOf(stage.operation), { name: "victim" })
  const next = asyncio.create_task(coroutineOf(stage.next ?? nothing), { name: "next" })
  const found: Array<boolean> = []
  for (const time of times) asyncio.get_running_loop().call_later(time / 1000, () => void found.push(victim.cancel()))
  yield* asyncio.sleep(1)
  yield* stage.wake()
  yield* asyncio.sleep(3600)
  if (found[0] === false) throw new Error("The operation does not wait when it is to be cancelled.")
  const nextHasIt = next.done() && !next.cancelled() && next.exception() === undefined
  const observed = stage.observe({ nextHasIt, isDone: endOf(victim) === SUCCESS })
  tell({ observed: { ...observed, state: plain(observed.state) }, error: endOf(victim) })
  for (const task of [victim, next]) task.cancel()
  yield* asyncio.gather(victim, next, { return_exceptions: true })
}

export function* nothing(): Steps {}

const coroutineOf = (steps: () => Steps): asyncio.Coroutine =>
  asyncio.coroutine(function* () {
    yield* steps()
  })()

/** The state in what an object prints, without what it is and where. */
const plain = (state: string): string =>
  state.replace(/^<asyncio\.locks\.\w+ object at 0x\w+ (\[.*\])>$/, "$1").replace(/^<\w*Queue (.*)>$/, "$1")

const endOf = (task: asyncio.Task): string => {
  if (!task.done()) return "it waits for ever"
  if (task.cancelled()) return "CancelledError"
  const error = task.exception()
  return error === undefined ? SUCCESS : (error as Error).name
}
