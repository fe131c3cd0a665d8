// Runs strands side by side in either package, so that a family's contract need not know which.
import * as asyncio from "@skein/asyncio"
import { Task } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Script } from "./scripts.ts"

/** What a strand is called. */
export const strandName = (index: number): string => `strand ${index + 1}`

/** What a contract wants to be told. */
export interface Watcher {
  /** A strand is about to be asked to stop. */
  readonly cancels?: (strand: number) => void
  /** All strands have ended or wait, and nothing will wake them; those that wait are cancelled next. */
  readonly atRest?: () => void
}

/** An hour of virtual time passes only when all strands have ended or wait. */
const UNTIL_REST = 3600

/** Runs core strands until all are at rest. `act` does one operation; `cancel` asks the next strand round to stop, and waits. */
export const coreStrands = <Op extends string>(
  script: Script<Op>,
  act: (operation: Exclude<Op, "cancel">, strand: number) => Effect.Effect<void>,
  { cancels, atRest }: Watcher = {}
): Effect.Effect<void> =>
  Effect.scoped(
    Effect.gen(function* () {
      const tasks: Array<Task.Task<void>> = []
      const cancelNext = (strand: number) =>
        Effect.suspend(() => {
          const next = (strand + 1) % script.length
          cancels?.(next)
          const task = tasks[next]
          return task === undefined ? Effect.void : Effect.asVoid(Task.cancel(task))
        })
      for (const [index, operations] of script.entries()) {
        const body = Effect.gen(function* () {
          for (const operation of operations) {
            yield* operation === "cancel" ? cancelNext(index) : act(operation as Exclude<Op, "cancel">, index)
          }
        })
        tasks.push(yield* Task.spawn(body, { name: strandName(index) }))
      }
      if (atRest !== undefined) {
        yield* Effect.sleep(UNTIL_REST * 1000)
        atRest()
        for (const [index, task] of tasks.entries()) {
          cancels?.(index)
          yield* Task.cancel(task)
        }
      }
      for (const task of tasks) {
        const exit = yield* Task.await(task)
        if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) yield* exit
      }
    })
  )

/** The same for asyncio, where asking a strand to stop does not wait. */
export const asyncioStrands = asyncio.coroutine(function* asyncioStrands<Op extends string>(
  script: Script<Op>,
  act: (operation: Exclude<Op, "cancel">, strand: number) => asyncio.Body<void>,
  { cancels, atRest }: Watcher = {}
) {
  const tasks: Array<asyncio.Task<void>> = []
  const strand = asyncio.coroutine(function* strand(index: number): asyncio.Body<void> {
    for (const operation of script[index] ?? []) {
      if (operation === "cancel") {
        const next = (index + 1) % script.length
        cancels?.(next)
        tasks[next]?.cancel()
      } else yield* act(operation as Exclude<Op, "cancel">, index)
    }
  })
  for (const index of script.keys()) tasks.push(asyncio.create_task(strand(index), { name: strandName(index) }))
  if (atRest !== undefined) {
    yield* asyncio.sleep(UNTIL_REST)
    atRest()
    for (const [index, task] of tasks.entries()) {
      cancels?.(index)
      task.cancel()
    }
  }
  for (const result of yield* asyncio.gather(...tasks, { return_exceptions: true })) {
    if (result !== undefined && !((result as unknown) instanceof asyncio.CancelledError)) throw result as unknown
  }
})
