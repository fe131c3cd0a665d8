// The contract of a condition, and who keeps it.
//
//   - One holds the lock at a time. A wait gives it back, and has it again when it ends: notified, or cancelled.
//   - A notification wakes so many of those who wait, and no more; one whose receiver is cancelled goes to another. (A wait that is
//     cancelled may wake another one for nothing: it does not know whether its notification was on the way.)
//   - Without cancellation, those are woken who have waited longest.
//   - `waitFor` returns when its predicate holds, with the lock held; whoever waits for something that is there, is told.
import * as asyncio from "@skein/asyncio"
import { Condition, Lock } from "@skein/core"
import { explore } from "@skein/testing"
import { explore as exploreAsyncio } from "@skein/testing/asyncio"
import * as Effect from "effect/Effect"
import type { Member } from "./family.ts"
import { insist } from "./insist.ts"
import { asyncioStrands, coreStrands, strandName } from "./strands.ts"

/**
 * `wait` waits for any notification; `notify` and `notifyAll` give it. `take` waits for a token and takes it; `give` adds one and
 * notifies one, and lets others run before and after that. All of them hold the lock.
 */
export type ConditionOperation = "wait" | "notify" | "notifyAll" | "take" | "give" | "cancel"

/** What a condition is used for, in two sets: as it is, and with something that is handed over. */
export const conditionOperations = {
  telling: ["wait", "notify", "notifyAll", "cancel"],
  handing: ["take", "give", "cancel"]
} as const satisfies Record<string, ReadonlyArray<ConditionOperation>>

type Act = Exclude<ConditionOperation, "cancel">

/** Hears of every operation while the lock is held. */
class ConditionModel {
  tokens = 0
  private holder: number | undefined = undefined
  /** Whether somebody was asked to stop: from then on it is not known who gets what. */
  private isDisturbed = false
  /** Who waits, in order of arrival, and whether it was notified. */
  private readonly waiting = new Map<number, { isNotified: boolean }>()
  private notified = 0
  private woken = 0
  private cancelled = 0

  locks(strand: number): void {
    const { holder } = this
    insist(holder === undefined, () => `${strandName(strand)} has the lock, and so has ${strandName(holder as number)}`)
    this.holder = strand
  }

  unlocks(strand: number): void {
    insist(this.holder === strand, `${strandName(strand)} does not hold the lock where it should`)
    this.holder = undefined
  }

  isAskedToStop(): void {
    this.isDisturbed = true
  }

  waits(strand: number): void {
    this.unlocks(strand)
    this.waiting.set(strand, { isNotified: false })
  }

  /** A wait ends; the lock is held again. */
  goesOn(strand: number, wasCancelled: boolean): void {
    this.locks(strand)
    const wait = this.waiting.get(strand)
    this.waiting.delete(strand)
    if (wasCancelled) this.cancelled++
    else {
      this.woken++
      insist(this.isDisturbed || wait?.isNotified === true, `${strandName(strand)} was woken before its turn`)
    }
    insist(this.woken <= this.notified + this.cancelled, () => `${this.woken} were woken, of ${this.notified} notified`)
  }

  /** The predicate of a `waitFor`: before it waits, and each time it was woken. */
  looks(strand: number): boolean {
    if (this.tokens > 0) return true
    // Somebody else was quicker: it waits again, as the last in line.
    if (this.waiting.delete(strand)) this.waiting.set(strand, { isNotified: false })
    return false
  }

  takes(): void {
    insist(this.tokens > 0, "waitFor has returned, though its predicate does not hold")
    this.tokens--
  }

  /** @param inLine - how many the condition has in line */
  notifies(strand: number, count: number, inLine: number): void {
    insist(this.holder === strand, `${strandName(strand)} notifies without the lock`)
    const told = [...this.waiting.values()].filter(({ isNotified }) => !isNotified).slice(0, count)
    for (const wait of told) wait.isNotified = true
    // Whether one that was asked to stop still counts as waiting depends on how far it has come.
    this.notified += this.isDisturbed ? Math.min(count, inLine) : told.length
  }

  /** @param inLine - how many the condition has in line */
  atRest(isLocked: boolean, inLine: number): void {
    insist(!isLocked && this.holder === undefined, "the lock is held, and nobody holds it")
    insist(inLine === this.waiting.size, `${inLine} are in line, ${this.waiting.size} wait`)
    insist(this.tokens === 0 || inLine === 0, () => `${inLine} wait for a token, of which ${this.tokens} are there`)
    for (const [strand, wait] of this.waiting) {
      insist(this.isDisturbed || !wait.isNotified, `${strandName(strand)} was notified, and still waits`)
    }
    // Whoever still waits is cancelled next.
    this.isDisturbed = true
  }
}

const core: Member<ConditionOperation> = {
  name: "core Condition",
  explore: (script, strategy, runs) => {
    const program = Effect.gen(function* () {
      const condition = yield* Condition.make()
      const model = new ConditionModel()
      const lineLength = () => Effect.runSync(Condition.statistics(condition)).waiting.length
      const insists = (strand: number, then: () => void) =>
        Effect.flatMap(Lock.statistics(condition.lock), ({ owner }) =>
          Effect.sync(() => {
            insist(owner === `task "${strandName(strand)}"`, `${owner} holds the lock, not ${strandName(strand)}`)
            then()
          })
        )
      // Notes and waiting in one stretch that cannot be interrupted in between.
      const noted = <E>(strand: number, wait: Effect.Effect<void, E>) =>
        Effect.uninterruptibleMask((restore) => {
          model.waits(strand)
          return Effect.onExit(restore(wait), (exit) =>
            insists(strand, () => model.goesOn(strand, exit._tag === "Failure"))
          )
        })
      const notify = (strand: number, count: number) =>
        Effect.suspend(() => {
          model.notifies(strand, count, lineLength())
          return count === 1 ? Condition.notify(condition) : Condition.notifyAll(condition)
        })
      const inside = (operation: Act, strand: number): Effect.Effect<void, Lock.NotOwnerError> => {
        switch (operation) {
          case "wait":
            return noted(strand, Condition.wait(condition))
          case "notify":
            return notify(strand, 1)
          case "notifyAll":
            return notify(strand, Number.POSITIVE_INFINITY)
          case "take": {
            const wait = Condition.waitFor(condition, () => model.looks(strand))
            return Effect.andThen(
              Effect.suspend(() => (model.looks(strand) ? Effect.void : noted(strand, wait))),
              Effect.sync(() => model.takes())
            )
          }
          case "give":
            return Effect.sync(() => void model.tokens++).pipe(
              Effect.andThen(Effect.yieldNow),
              Effect.andThen(notify(strand, 1)),
              Effect.andThen(Effect.yieldNow),
              Effect.uninterruptible
            )
        }
      }
      const act = (operation: Act, strand: number): Effect.Effect<void> =>
        Condition.withLock(
          condition,
          Effect.uninterruptibleMask((restore) => {
            model.locks(strand)
            return Effect.ensuring(
              restore(Effect.suspend(() => inside(operation, strand))),
              Effect.sync(() => model.unlocks(strand))
            )
          })
        ).pipe(Effect.orDie)
      yield* coreStrands<ConditionOperation>(script, act, {
        cancels: () => model.isAskedToStop(),
        atRest: () => model.atRest(Effect.runSync(Lock.isLocked(condition.lock)), lineLength())
      })
      const { lock, waiting } = yield* Condition.statistics(condition)
      return [lock.owner, lock.waiting.length + waiting.length] as const
    })
    const check = ([owner, waiting]: readonly [string | undefined, number]) =>
      insist(owner === undefined && waiting === 0, `in the end ${owner} holds the lock, and ${waiting} are in line`)
    return Effect.runPromise(explore(program, { strategy, runs, check }))
  }
}

/** How many wait, and are not notified. */
const inLineOf = (condition: asyncio.Condition): number => Number(/waiters:(\d+)/.exec(String(condition))?.[1] ?? 0)

const asyncioMember: Member<ConditionOperation> = {
  name: "asyncio Condition",
  explore: (script, strategy, runs) => {
    const program = asyncio.coroutine(function* program(): asyncio.Body<string> {
      const condition = asyncio.Condition()
      const model = new ConditionModel()
      const waiting = function* (strand: number, wait: asyncio.Coroutine<true>): asyncio.Body<void> {
        model.waits(strand)
        let wasCancelled = true
        try {
          yield* wait
          wasCancelled = false
        } finally {
          model.goesOn(strand, wasCancelled)
        }
      }
      const notify = (strand: number, count: number) => {
        model.notifies(strand, count, inLineOf(condition))
        if (count === 1) condition.notify()
        else condition.notify_all()
      }
      const inside = function* (operation: Act, strand: number): asyncio.Body<void> {
        switch (operation) {
          case "wait":
            return yield* waiting(strand, condition.wait())
          case "notify":
            return notify(strand, 1)
          case "notifyAll":
            return notify(strand, Number.POSITIVE_INFINITY)
          case "take":
            if (!model.looks(strand)) {
              const isThere = (): true | undefined => (model.looks(strand) ? true : undefined)
              yield* waiting(strand, condition.wait_for(isThere) as asyncio.Coroutine<true>)
            }
            return model.takes()
          case "give":
            model.tokens++
            try {
              yield* asyncio.sleep(0)
            } finally {
              notify(strand, 1)
            }
            return yield* asyncio.sleep(0)
        }
      }
      const act = function* (operation: Act, strand: number): asyncio.Body<void> {
        yield* condition.acquire()
        try {
          model.locks(strand)
          yield* inside(operation, strand)
        } finally {
          model.unlocks(strand)
          condition.release()
        }
      }
      yield* asyncioStrands<ConditionOperation>(script, act, {
        cancels: () => model.isAskedToStop(),
        atRest: () => model.atRest(condition.locked(), inLineOf(condition))
      })
      return `${condition} over ${condition._lock}`
    })
    const check = (shown: string) =>
      insist(!/\[locked|waiters/.test(shown), `in the end it is held, or somebody is left in line: ${shown}`)
    return exploreAsyncio(program, { strategy, runs, check })
  }
}

/** Every condition. A new one joins by one line. */
export const conditionMembers: ReadonlyArray<Member<ConditionOperation>> = [core, asyncioMember]
