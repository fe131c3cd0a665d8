import { Lock, Task } from "@skein/core"
import * as Effect from "effect/Effect"

const together = { concurrency: "unbounded", discard: true } as const

/** Two strands add one each; between reading and writing, somebody else may come. Only if a fiber is made to yield there. */
export const lostUpdate: Effect.Effect<number> = Effect.suspend(() => {
  let counter = 0
  const increment = Effect.gen(function* () {
    const before = yield* Effect.sync(() => counter)
    yield* Effect.sync(() => {
      counter = before + 1
    })
  })
  return Effect.as(
    Effect.all([increment, increment], together),
    Effect.sync(() => counter)
  ).pipe(Effect.flatten)
})

/** Of three strands, each makes so many turns; the result is the order of their turns, as letters. */
export const interleave = (...turns: ReadonlyArray<number>): Effect.Effect<string> =>
  Effect.gen(function* () {
    let order = ""
    const start = turns.map((count, index) =>
      Effect.gen(function* () {
        // The first turn of every strand comes after all have started.
        for (let turn = 0; turn < count; turn++) {
          yield* Effect.yieldNow
          order += String.fromCharCode(97 + index)
        }
      })
    )
    yield* Effect.all(start, together)
    return order
  })

/** Tasks that take two locks in the given orders. */
export const crossed = (...orders: ReadonlyArray<readonly [name: string, first: number, second: number]>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const locks = yield* Effect.all(orders.map((_, index) => Lock.make(`L${index}`)))
      const lock = (index: number) => locks[index] as Lock.Lock
      const tasks = yield* Effect.all(
        orders.map(([name, first, second]) =>
          Task.spawn(
            Lock.withLock(lock(first), Effect.andThen(Effect.yieldNow, Lock.withLock(lock(second), Effect.void))),
            {
              name
            }
          )
        )
      )
      yield* Effect.all(tasks.map((task) => Task.join(task)))
    })
  )

/** How many ways there are to merge sequences of these lengths. */
export const multinomial = (...lengths: ReadonlyArray<number>): number => {
  const factorial = (number: number): number => (number <= 1 ? 1 : number * factorial(number - 1))
  return lengths.reduce(
    (ways, length) => ways / factorial(length),
    factorial(lengths.reduce((sum, one) => sum + one, 0))
  )
}
