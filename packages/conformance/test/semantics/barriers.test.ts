import * as asyncio from "@skein/asyncio"
import { repr, str } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"

const passes = { passes: true }

describe("Barrier", () => {
  it("179 is for one party at least", () =>
    expectSame(
      `
      import asyncio
      try:
          asyncio.Barrier(0)
      except ValueError as e:
          print(e)
      async def main():
          barrier = asyncio.Barrier(parties=1)
          trace(await barrier.wait(), await barrier.wait(), repr(barrier))
      asyncio.run(main())
      `,
      async ({ print, trace, run }) => {
        try {
          asyncio.Barrier(0)
        } catch (error) {
          print(error)
        }
        await run(
          (function* main() {
            const barrier = new asyncio.Barrier({ parties: 1 })
            trace(yield* barrier.wait(), yield* barrier.wait(), repr(barrier))
          })()
        )
      },
      passes
    ))

  it("180 wait returns the arrival index; the last to arrive does not suspend and returns first; then it is reusable", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(3)
          async def party(n):
              for round in range(2):
                  await asyncio.sleep(n)
                  trace(n, "arrives", barrier.n_waiting, repr(barrier))
                  trace(n, await barrier.wait(), barrier.n_waiting, repr(barrier))
          await asyncio.gather(*[party(n) for n in range(3)])
          trace(repr(barrier))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(3)
            const party = asyncio.coroutine(function* party(n: number) {
              for (let round = 0; round < 2; round++) {
                yield* asyncio.sleep(n)
                trace(n, "arrives", barrier.n_waiting, repr(barrier))
                trace(n, yield* barrier.wait(), barrier.n_waiting, repr(barrier))
              }
            })
            yield* asyncio.gather(...[0, 1, 2].map((n) => party(n)))
            trace(repr(barrier))
          })()
        ),
      passes
    ))

  it("181 arrivals during draining wait for the next round", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(2)
          async def party(n):
              trace(n, "arrives", repr(barrier))
              trace(n, await barrier.wait(), repr(barrier))
          tasks = [asyncio.create_task(party(n)) for n in range(2)]
          await asyncio.sleep(0)
          tasks += [asyncio.create_task(party(n)) for n in range(2, 6)]
          await asyncio.gather(*tasks)
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(2)
            const party = asyncio.coroutine(function* party(n: number) {
              trace(n, "arrives", repr(barrier))
              trace(n, yield* barrier.wait(), repr(barrier))
            })
            const tasks = [0, 1].map((n) => asyncio.create_task(party(n)))
            yield* asyncio.sleep(0)
            tasks.push(...[2, 3, 4, 5].map((n) => asyncio.create_task(party(n))))
            yield* asyncio.gather(...tasks)
          })()
        ),
      passes
    ))

  it("182 reset breaks the current waiters and leaves it usable; abort breaks it until it is reset", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(3)
          async def party(n):
              try:
                  trace(n, await barrier.wait())
              except asyncio.BrokenBarrierError as e:
                  trace(n, str(e), repr(barrier), barrier.broken)
          async def two(first):
              tasks = [asyncio.create_task(party(n)) for n in range(first, first + 2)]
              await asyncio.sleep(0)
              trace(repr(barrier))
              return tasks
          tasks = await two(0)
          trace(await barrier.reset(), repr(barrier), barrier.n_waiting)
          await asyncio.wait(tasks)
          tasks = await two(2)
          trace(await barrier.abort(), repr(barrier), barrier.n_waiting, barrier.broken)
          await asyncio.wait(tasks)
          await party("newcomer")
          await barrier.reset()
          trace(repr(barrier), barrier.broken)
          await asyncio.gather(*[party(n) for n in range(3)])
          await barrier.reset()
          trace(repr(barrier))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(3)
            const party = asyncio.coroutine(function* party(n: unknown) {
              try {
                trace(n, yield* barrier.wait())
              } catch (error) {
                if (!(error instanceof asyncio.BrokenBarrierError)) throw error
                trace(n, str(error), repr(barrier), barrier.broken)
              }
            })
            const two = asyncio.coroutine(function* two(first: number) {
              const tasks = [first, first + 1].map((n) => asyncio.create_task(party(n)))
              yield* asyncio.sleep(0)
              trace(repr(barrier))
              return tasks
            })
            const reset = yield* two(0)
            trace(yield* barrier.reset(), repr(barrier), barrier.n_waiting)
            yield* asyncio.wait(reset)
            const aborted = yield* two(2)
            trace(yield* barrier.abort(), repr(barrier), barrier.n_waiting, barrier.broken)
            yield* asyncio.wait(aborted)
            yield* party("newcomer")
            yield* barrier.reset()
            trace(repr(barrier), barrier.broken)
            yield* asyncio.gather(...[0, 1, 2].map((n) => party(n)))
            yield* barrier.reset()
            trace(repr(barrier))
          })()
        ),
      passes
    ))

  it("182 newcomers wait while a reset is under way", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(2)
          async def party(n):
              try:
                  trace(n, await barrier.wait(), repr(barrier))
              except asyncio.BrokenBarrierError as e:
                  trace(n, str(e), repr(barrier))
          first = asyncio.create_task(party(0))
          await asyncio.sleep(0)
          await barrier.reset()
          trace(repr(barrier))
          others = [asyncio.create_task(party(n)) for n in (1, 2)]
          await asyncio.wait([first, *others])
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(2)
            const party = asyncio.coroutine(function* party(n: number) {
              try {
                trace(n, yield* barrier.wait(), repr(barrier))
              } catch (error) {
                trace(n, str(error), repr(barrier))
              }
            })
            const first = asyncio.create_task(party(0))
            yield* asyncio.sleep(0)
            yield* barrier.reset()
            trace(repr(barrier))
            const others = [1, 2].map((n) => asyncio.create_task(party(n)))
            yield* asyncio.wait([first, ...others])
          })()
        ),
      passes
    ))

  it("183 a cancelled waiter leaves and lowers n_waiting; it does not break the barrier", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(2)
          async def party(n):
              try:
                  trace(n, await barrier.wait(), repr(barrier))
              except asyncio.CancelledError:
                  trace(n, "cancelled", repr(barrier))
                  raise
          first = asyncio.create_task(party(0))
          await asyncio.sleep(0)
          first.cancel()
          trace(barrier.n_waiting)
          await asyncio.wait([first])
          trace(barrier.n_waiting, barrier.broken)
          # Cancelled after the round is full: it still counts for the others.
          tasks = [asyncio.create_task(party(n)) for n in (1, 2)]
          await asyncio.sleep(0)
          tasks[0].cancel()
          await asyncio.wait(tasks)
          trace(repr(barrier))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(2)
            const party = asyncio.coroutine(function* party(n: number) {
              try {
                trace(n, yield* barrier.wait(), repr(barrier))
              } catch (error) {
                trace(n, "cancelled", repr(barrier))
                throw error
              }
            })
            const first = asyncio.create_task(party(0))
            yield* asyncio.sleep(0)
            first.cancel()
            trace(barrier.n_waiting)
            yield* asyncio.wait([first])
            trace(barrier.n_waiting, barrier.broken)
            // Cancelled after the round is full: it still counts for the others.
            const tasks = [1, 2].map((n) => asyncio.create_task(party(n)))
            yield* asyncio.sleep(0)
            tasks[0]?.cancel()
            yield* asyncio.wait(tasks)
            trace(repr(barrier))
          })()
        ),
      passes
    ))

  it("184 async with binds the index; n_waiting counts only while filling; repr tells the phase", () =>
    expectSame(
      `
      import asyncio
      async def main():
          barrier = asyncio.Barrier(2)
          async def party(n):
              async with barrier as index:
                  trace(n, index, barrier.parties, barrier.n_waiting, repr(barrier))
          await asyncio.gather(party(0), party(1))
      asyncio.run(main())
      `,
      ({ trace, run }) =>
        run(
          (function* main() {
            const barrier = new asyncio.Barrier(2)
            const party = asyncio.coroutine(function* party(n: number) {
              yield* asyncio.async_with(barrier, function* (index) {
                trace(n, index, barrier.parties, barrier.n_waiting, repr(barrier))
              })
            })
            yield* asyncio.gather(party(0), party(1))
          })()
        ),
      passes
    ))
})
