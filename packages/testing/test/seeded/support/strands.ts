import { Task } from "@skein/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** A program on a right machine, and the same on one with a bug. */
export interface SeededBug {
  /** What is wrong. */
  readonly name: string
  /** No schedule of it fails. */
  readonly right: Effect.Effect<void>
  /** Some schedule of it fails. */
  readonly broken: Effect.Effect<void>
}

/** Runs named strands side by side, to the end of all. One of them may be cancelled, at whatever moment comes. */
export const together = (
  strands: Readonly<Record<string, Effect.Effect<void>>>,
  { victim }: { readonly victim?: string } = {}
): Effect.Effect<void> =>
  Effect.scoped(
    Effect.gen(function* () {
      const tasks = new Map<string, Task.Task<void>>()
      for (const [name, strand] of Object.entries(strands)) tasks.set(name, yield* Task.spawn(strand, { name }))
      const target = victim === undefined ? undefined : tasks.get(victim)
      if (target !== undefined) {
        tasks.set("canceller", yield* Task.spawn(Effect.asVoid(Task.cancel(target)), { name: "canceller" }))
      }
      for (const task of tasks.values()) {
        const exit = yield* Task.await(task)
        if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) yield* exit
      }
    })
  )

/** Dies with a message if something does not hold. */
export const insist = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message)
}

/** A place where only so many may be at once. */
export class Room {
  private readonly places: number
  private inside = 0

  constructor(places: number) {
    this.places = places
  }

  /** Comes in, lets the others run, and goes. */
  readonly stay: Effect.Effect<void> = Effect.suspend(() => {
    this.inside++
    insist(this.inside <= this.places, `${this.inside} are in a room with ${this.places} place(s)`)
    return Effect.yieldNow
  }).pipe(Effect.ensuring(Effect.sync(() => this.inside--)))
}

/** Sees to it that those who ask are served in the order in which they came. */
export class Line {
  private readonly waiting: Array<string> = []

  /** What a member of the line tells it. */
  member(name: string) {
    return {
      arrived: () => void this.waiting.push(name),
      granted: () => {
        insist(this.waiting[0] === name, `${name} is served before ${this.waiting[0]}`)
        this.waiting.shift()
      },
      gaveUp: () => {
        const index = this.waiting.indexOf(name)
        if (index >= 0) this.waiting.splice(index, 1)
      }
    }
  }
}
