// The contract of an event, and who keeps it.
//
//   - Raising the flag wakes all who wait, whoever lowers it again before they run.
//   - Whoever comes while it is up does not wait: nobody else runs in between.
//   - Nobody goes on unless the flag was up at some moment since it came.
//   - When all is at rest and the flag is down, exactly those are in line, in order of arrival, for whom it was not raised.
import * as asyncio from "@skein/asyncio"
import { Event } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import { isOrdered, type Member } from "./family.ts"
import { insist } from "./insist.ts"
import { asyncioStrands, coreStrands, strandName } from "./strands.ts"

export const eventOperations = ["wait", "set", "clear", "cancel"] as const
export type EventOperation = (typeof eventOperations)[number]

/** Hears of every operation in the step in which it happens. */
class EventModel {
  /** False if an operation may be heard of later than it happens. */
  private readonly ordered: boolean
  private isUp = false
  /** How many operations there were. */
  private steps = 0
  /** Who waits, in order of arrival. */
  private readonly waiting = new Map<number, { readonly sawItUp: boolean; readonly since: number; isWoken: boolean }>()

  constructor(ordered: boolean) {
    this.ordered = ordered
  }

  begins(strand: number): void {
    this.waiting.set(strand, { sawItUp: this.isUp, since: ++this.steps, isWoken: false })
  }

  goesOn(strand: number): void {
    const wait = this.waiting.get(strand)
    insist(wait !== undefined, "somebody goes on who does not wait")
    if (!this.ordered) return
    insist(wait.sawItUp || wait.isWoken, `${strandName(strand)} goes on, though the flag was never up`)
    insist(!wait.sawItUp || wait.since === this.steps, `${strandName(strand)} waited, though the flag was up`)
  }

  ends(strand: number): void {
    this.waiting.delete(strand)
  }

  /** @param woken - how many the event says that it has woken, if it does */
  sets(cancelled: ReadonlySet<number>, woken?: number): void {
    this.steps++
    this.isUp = true
    let count = 0
    for (const [strand, wait] of this.waiting) {
      if (wait.isWoken || cancelled.has(strand)) continue
      wait.isWoken = true
      count++
    }
    insist(!this.ordered || woken === undefined || woken === count, `${woken} were woken, of ${count}`)
  }

  clears(): void {
    this.steps++
    this.isUp = false
  }

  /** @param inLine - how many, or who, in order */
  atRest(isSet: boolean, inLine: ReadonlyArray<string> | number): void {
    const names = [...this.waiting.keys()].map((strand) => `task "${strandName(strand)}"`)
    insist(!isSet || names.length === 0, () => `the flag is up, and ${names.join(", ")} still waits`)
    const expected = typeof inLine === "number" ? names.length : names.join(", ")
    const found = typeof inLine === "number" ? inLine : inLine.join(", ")
    if (!this.ordered) return
    insist(found === expected, `in line: ${found}; waiting: ${expected}`)
    insist(isSet === this.isUp, `the flag is ${isSet ? "up" : "down"}, and should not be`)
    for (const [strand, wait] of this.waiting) {
      insist(!wait.isWoken && !wait.sawItUp, `${strandName(strand)} was forgotten when the flag was raised`)
    }
  }
}

const core: Member<EventOperation> = {
  name: "core Event",
  explore: (script, strategy, runs) => {
    const program = Effect.gen(function* () {
      const event = yield* Event.make()
      const model = new EventModel(isOrdered(strategy))
      const cancelled = new Set<number>()
      const act = (operation: Exclude<EventOperation, "cancel">, strand: number): Effect.Effect<void> => {
        switch (operation) {
          case "set":
            return Effect.map(Event.set(event), (woken) => model.sets(cancelled, woken))
          case "clear":
            return Effect.map(Event.clear(event), () => model.clears())
          case "wait":
            return Effect.suspend(() => {
              model.begins(strand)
              return Effect.map(Event.wait(event), () => model.goesOn(strand))
            }).pipe(Effect.ensuring(Effect.sync(() => model.ends(strand))))
        }
      }
      yield* coreStrands<EventOperation>(script, act, {
        cancels: (strand) => cancelled.add(strand),
        atRest: () => {
          const { isSet, waiting } = Effect.runSync(Event.statistics(event))
          model.atRest(isSet, waiting)
        }
      })
      return (yield* Event.statistics(event)).waiting.length
    })
    const check = (waiting: number) => insist(waiting === 0, `in the end ${waiting} are left in line`)
    return Effect.runPromise(explore(program, { strategy, runs, check }))
  }
}

const inLineOf = (shown: string): number => Number(/waiters:(\d+)/.exec(shown)?.[1] ?? 0)

const asyncioMember: Member<EventOperation> = {
  name: "asyncio Event",
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<string> {
      const event = asyncio.Event()
      const model = new EventModel(true)
      const cancelled = new Set<number>()
      const act = function* (operation: Exclude<EventOperation, "cancel">, strand: number): asyncio.Body<void> {
        if (operation === "set") {
          event.set()
          model.sets(cancelled)
        } else if (operation === "clear") {
          event.clear()
          model.clears()
        } else {
          model.begins(strand)
          try {
            insist((yield* event.wait()) === true, "wait returns true")
            model.goesOn(strand)
          } finally {
            model.ends(strand)
          }
        }
      }
      yield* asyncioStrands<EventOperation>(script, act, {
        cancels: (strand) => cancelled.add(strand),
        atRest: () => model.atRest(event.is_set(), inLineOf(String(event)))
      })
      return String(event)
    })
    const check = (shown: string) => insist(inLineOf(shown) === 0, `in the end somebody is left in line: ${shown}`)
    return exploreAsyncio(program, { strategy, runs, check })
  }
}

/** Every event. A new one joins by one line. */
export const eventMembers: ReadonlyArray<Member<EventOperation>> = [core, asyncioMember]
