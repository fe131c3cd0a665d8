// The contract of a barrier, and who keeps it.
//
//   - Nobody goes on before all parties of a round have come, and each place of a round is given once.
//   - A reset or an abort sends away those who are inside, and nobody else is ever sent away. After a reset the barrier is usable.
//   - Who is cancelled leaves, and the barrier goes on as if that one had never come.
//   - When all is at rest, fewer wait than there are parties, and all of them are inside; none if the barrier is broken.
import * as asyncio from "@skein/asyncio"
import { Barrier } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import { isOrdered, type Member } from "./family.ts"
import { insist } from "./insist.ts"
import { asyncioStrands, coreStrands, strandName } from "./strands.ts"

export const barrierOperations = ["meet", "reset", "abort", "cancel"] as const
export type BarrierOperation = (typeof barrierOperations)[number]

const PARTIES = 2

/** Hears of every operation. */
class BarrierModel {
  /** False if an operation may be heard of later than it happens. */
  private readonly ordered: boolean
  private readonly waiting = new Set<number>()
  /** Who was inside when the round was called off. */
  private readonly doomed = new Set<number>()
  private isAborted = false
  private wasCalledOff = false
  /** Whether somebody was asked to stop, or sent away: from then on rounds may have gaps. */
  private isDisturbed = false
  private arrived = 0
  /** The places of the round that is on its way out, and how many went on in all. */
  private round: Array<number> = []
  private wentOn = 0

  constructor(ordered: boolean) {
    this.ordered = ordered
  }

  begins(strand: number): void {
    this.arrived++
    this.waiting.add(strand)
  }

  goesOn(strand: number, place: number): void {
    insist(place >= 0 && place < PARTIES, `${strandName(strand)} has place ${place} of ${PARTIES}`)
    insist(this.arrived >= PARTIES, `${strandName(strand)} goes on alone`)
    insist(!this.doomed.has(strand), `${strandName(strand)} goes on, though its round was called off`)
    this.wentOn++
    if (this.isDisturbed || !this.ordered) return
    insist(
      this.arrived >= Math.ceil(this.wentOn / PARTIES) * PARTIES,
      `${strandName(strand)} goes on before all have come`
    )
    insist(!this.round.includes(place), `place ${place} was given twice in a round`)
    this.round.push(place)
    if (this.round.length === PARTIES) this.round = []
  }

  isSentAway(strand: number): void {
    insist(this.wasCalledOff, `${strandName(strand)} is sent away for nothing`)
  }

  ends(strand: number): void {
    this.waiting.delete(strand)
    this.doomed.delete(strand)
  }

  isAskedToStop(): void {
    this.isDisturbed = true
  }

  /** @param inside - how many are inside; none if that is not known at the very moment */
  callsOff(how: "reset" | "abort", inside: number | undefined): void {
    this.isDisturbed = true
    this.wasCalledOff = true
    this.isAborted = how === "abort"
    if (this.ordered && inside === this.waiting.size) for (const strand of this.waiting) this.doomed.add(strand)
  }

  atRest(isBroken: boolean, inside: number): void {
    const { size } = this.waiting
    if (this.ordered)
      insist(isBroken === this.isAborted, `the barrier is ${isBroken ? "broken" : "whole"}, and should not be`)
    insist(this.doomed.size === 0, () => `${strandName([...this.doomed][0] ?? 0)} waits in a round that was called off`)
    insist(!isBroken || size === 0, `${size} wait at a broken barrier`)
    insist(size < PARTIES, `${size} wait, though ${PARTIES} are enough`)
    insist(size === inside, `${size} wait, and ${inside} are inside`)
  }
}

const core: Member<BarrierOperation> = {
  name: "core Barrier(2)",
  explore: (script, strategy, runs) => {
    const program = Effect.gen(function* () {
      const barrier = yield* Barrier.make(PARTIES)
      const model = new BarrierModel(isOrdered(strategy))
      const seen = () => Effect.runSync(Barrier.statistics(barrier))
      const act = (operation: Exclude<BarrierOperation, "cancel">, strand: number): Effect.Effect<void> =>
        Effect.suspend(() => {
          if (operation !== "meet") {
            const { arrived, phase } = seen()
            model.callsOff(operation, phase === "filling" ? arrived : undefined)
            return operation === "reset" ? Barrier.reset(barrier) : Barrier.abort(barrier)
          }
          model.begins(strand)
          return Effect.match(Barrier.wait(barrier), {
            onSuccess: (place) => model.goesOn(strand, place),
            onFailure: () => model.isSentAway(strand)
          })
        }).pipe(Effect.ensuring(Effect.sync(() => model.ends(strand))))
      yield* coreStrands<BarrierOperation>(script, act, {
        cancels: () => model.isAskedToStop(),
        atRest: () => model.atRest(seen().phase === "broken", seen().arrived)
      })
      yield* Barrier.reset(barrier)
      const meeting = Array.from({ length: PARTIES }, () => Barrier.wait(barrier))
      const places = yield* Effect.all(meeting, { concurrency: "unbounded" })
      return [...places, seen().waiting.length]
    })
    const check = (places: ReadonlyArray<number>) => insist(isOneRound(places), `in the end: ${places}`)
    return Effect.runPromise(explore(program, { strategy, runs, check }))
  }
}

/** Each place once, and nobody left. */
const isOneRound = (numbers: ReadonlyArray<number>): boolean =>
  numbers.at(-1) === 0 && numbers.length === PARTIES + 1 && new Set(numbers.slice(0, PARTIES)).size === PARTIES

const asyncioMember: Member<BarrierOperation> = {
  name: "asyncio Barrier(2)",
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<ReadonlyArray<number>> {
      const barrier = asyncio.Barrier(PARTIES)
      const model = new BarrierModel(true)
      const act = function* (operation: Exclude<BarrierOperation, "cancel">, strand: number): asyncio.Body<void> {
        if (operation !== "meet") {
          // With the condition's lock free it happens at once, else some time later; and never if it is cancelled.
          const inside = barrier._cond.locked() ? undefined : barrier.n_waiting
          yield* operation === "reset" ? barrier.reset() : barrier.abort()
          model.callsOff(operation, inside)
          return
        }
        model.begins(strand)
        try {
          model.goesOn(strand, yield* barrier.wait())
        } catch (error) {
          if (!(error instanceof asyncio.BrokenBarrierError)) throw error
          model.isSentAway(strand)
        } finally {
          model.ends(strand)
        }
      }
      yield* asyncioStrands<BarrierOperation>(script, act, {
        cancels: () => model.isAskedToStop(),
        atRest: () => model.atRest(barrier.broken, barrier.n_waiting)
      })
      yield* barrier.reset()
      const meeting = Array.from({ length: PARTIES }, () => barrier.wait())
      return [...(yield* asyncio.gather(...meeting)), barrier.n_waiting]
    })
    const check = (places: ReadonlyArray<number>) => insist(isOneRound(places), `in the end: ${places}`)
    return exploreAsyncio(program, { strategy, runs, check })
  }
}

/** Every barrier. A new one joins by one line. */
export const barrierMembers: ReadonlyArray<Member<BarrierOperation>> = [core, asyncioMember]
