// The contract of whatever lets so many in at a time, and who keeps it.
//
//   - Never more are inside than there are places.
//   - Those who wait come in in the order in which they came: of those who came before, only so many may still be on their
//     way as there are places besides the newcomer's. One that was told to stop does not count any more.
//   - However strands are cancelled, in the end everything is free, and nobody is left in line.
import * as asyncio from "@skein/asyncio"
import { Condition, Direct, Lock, Semaphore } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import { isOrdered, type Member } from "./family.ts"
import { asyncioStrands, coreStrands } from "./strands.ts"

/** `use`: comes in, stays while others run, goes. `pass`: comes in and goes. `cancel`: stops the next strand round. */
export const lockOperations = ["use", "pass", "cancel"] as const
export type LockOperation = (typeof lockOperations)[number]

/** Who came, who is inside: what the contract says of it is checked at each step. */
class Door {
  private readonly places: number
  private readonly widthOf: (strand: number) => number
  private readonly onTheirWay: Array<number> = []
  private inside = 0

  constructor(places: number, widthOf: (strand: number) => number = () => 1) {
    this.places = places
    this.widthOf = widthOf
  }

  comes(strand: number): void {
    this.onTheirWay.push(strand)
  }

  enters(strand: number): void {
    const index = this.onTheirWay.indexOf(strand)
    let before = 0
    for (const other of this.onTheirWay.slice(0, Math.max(index, 0))) before += this.widthOf(other)
    if (index >= 0) this.onTheirWay.splice(index, 1)
    this.inside += this.widthOf(strand)
    if (this.inside > this.places) throw new Error(`${this.inside} are inside, of ${this.places} at most`)
    if (before + this.inside > this.places) throw new Error(`strand ${strand + 1} has overtaken one that came before`)
  }

  leaves(strand: number): void {
    this.inside -= this.widthOf(strand)
  }

  givesUp(strand: number): void {
    const index = this.onTheirWay.indexOf(strand)
    if (index >= 0) this.onTheirWay.splice(index, 1)
  }
}

interface CoreLock {
  readonly within: (body: Effect.Effect<void>, strand: number) => Effect.Effect<void, unknown>
  /** How many are free, and how many wait. */
  readonly rest: Effect.Effect<readonly [free: number, waiting: number]>
}

const coreMember = (
  name: string,
  places: number,
  make: Effect.Effect<CoreLock>,
  widthOf?: (strand: number) => number
): Member<LockOperation> => ({
  name: `core ${name}`,
  explore: (script, strategy, runs) => {
    const program = Effect.gen(function* () {
      const lock = yield* make
      const door = new Door(places, widthOf)
      // A fiber that is stopped between the note that it comes and its place in line may be passed with good reason.
      const ordered = isOrdered(strategy)
      const act = (operation: "use" | "pass", strand: number) => {
        const stay = operation === "use" ? Effect.yieldNow : Effect.void
        const inside = Effect.andThen(
          Effect.sync(() => {
            if (!ordered) door.comes(strand)
            door.enters(strand)
          }),
          stay
        ).pipe(Effect.ensuring(Effect.sync(() => door.leaves(strand))))
        return Effect.suspend(() => {
          if (ordered) door.comes(strand)
          return Effect.orDie(lock.within(inside, strand)).pipe(
            Effect.onInterrupt(() => Effect.sync(() => door.givesUp(strand)))
          )
        })
      }
      yield* coreStrands<LockOperation>(script, act, { cancels: (strand) => door.givesUp(strand) })
      return yield* lock.rest
    })
    const check = ([free, waiting]: readonly [number, number]) => {
      if (free !== places || waiting !== 0) throw new Error(`in the end ${free} of ${places} are free, ${waiting} wait`)
    }
    return Effect.runPromise(explore(program, { strategy, runs, check }))
  }
})

interface AsyncioLock {
  acquire(): asyncio.Awaitable<unknown>
  release(): void
  locked(): boolean
}

const asyncioMember = (name: string, places: number, make: () => AsyncioLock): Member<LockOperation> => ({
  name: `asyncio ${name}`,
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<string> {
      const lock = make()
      const door = new Door(places)
      const act = function* (operation: "use" | "pass", strand: number): asyncio.Body<void> {
        door.comes(strand)
        try {
          yield* lock.acquire()
        } catch (error) {
          door.givesUp(strand)
          throw error
        }
        try {
          door.enters(strand)
          if (operation === "use") yield* asyncio.sleep(0)
        } finally {
          door.leaves(strand)
          lock.release()
        }
      }
      yield* asyncioStrands<LockOperation>(script, act, { cancels: (strand) => door.givesUp(strand) })
      const shown = String(lock)
      for (let place = 0; place < places; place++) {
        if (lock.locked()) throw new Error(`in the end only ${place} of ${places} are free`)
        yield* lock.acquire()
      }
      if (!lock.locked()) throw new Error(`in the end more than ${places} are free`)
      return shown
    })
    const check = (shown: string) => {
      if (shown.includes("waiters")) throw new Error(`in the end somebody is left in line: ${shown}`)
    }
    return exploreAsyncio(program, { strategy, runs, check })
  }
})

const coreSemaphore = (places: number, weight: number) =>
  coreMember(
    weight === 1 ? `Semaphore(${places})` : `Semaphore(${places * weight}) by ${weight}`,
    places,
    Effect.map(Semaphore.make(places * weight), (semaphore) => ({
      within: (body) => Semaphore.withPermits(semaphore, weight)(body),
      rest: Effect.map(
        Semaphore.statistics(semaphore),
        ({ available, waiting }) => [available / weight, waiting.length] as const
      )
    }))
  )

/** The first strand asks for two permits, the others for one. */
const widthOf = (strand: number): number => (strand === 0 ? 2 : 1)

const coreSemaphoreOfWeights = coreMember(
  "Semaphore(2) by 2 and 1",
  2,
  Effect.map(Semaphore.make(2), (semaphore) => ({
    within: (body, strand) => Semaphore.withPermits(semaphore, widthOf(strand))(body),
    rest: Effect.map(Semaphore.statistics(semaphore), ({ available, waiting }) => [available, waiting.length] as const)
  })),
  widthOf
)

/** Every lock-like thing. A new one joins by one line. */
export const lockMembers: ReadonlyArray<Member<LockOperation>> = [
  coreMember(
    "Lock",
    1,
    Effect.map(Lock.make(), (lock) => ({
      within: (body) => Lock.withLock(lock)(body),
      rest: Effect.map(
        Lock.statistics(lock),
        ({ owner, waiting }) => [owner === undefined ? 1 : 0, waiting.length] as const
      )
    }))
  ),
  coreMember(
    "Lock in Direct",
    1,
    Effect.map(Lock.make(), (lock) => ({
      within: (body) =>
        Direct.gen(function* () {
          yield* Lock.withLock(lock)(body)
        }),
      rest: Effect.map(
        Lock.statistics(lock),
        ({ owner, waiting }) => [owner === undefined ? 1 : 0, waiting.length] as const
      )
    }))
  ),
  coreMember(
    "Condition's lock",
    1,
    Effect.map(Condition.make(), (condition) => ({
      within: (body) => Condition.withLock(condition)(body),
      rest: Effect.map(
        Lock.statistics(condition.lock),
        ({ owner, waiting }) => [owner === undefined ? 1 : 0, waiting.length] as const
      )
    }))
  ),
  coreSemaphore(1, 1),
  coreSemaphore(2, 1),
  coreSemaphore(2, 3),
  coreSemaphoreOfWeights,
  asyncioMember("Lock", 1, () => asyncio.Lock()),
  asyncioMember("Condition's lock", 1, () => asyncio.Condition()),
  asyncioMember("Semaphore(1)", 1, () => asyncio.Semaphore(1)),
  asyncioMember("Semaphore(2)", 2, () => asyncio.Semaphore(2)),
  asyncioMember("BoundedSemaphore(2)", 2, () => asyncio.BoundedSemaphore(2))
]
