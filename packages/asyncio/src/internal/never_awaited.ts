// Coroutines that were made and never awaited. CPython sees it when the object's last reference goes; JavaScript has no such
// moment, so each coroutine function counts what it made and what began, for each loop in whose passes it was made. What is
// outstanding when that loop is closed is reported then: nobody can await it any more. What was made outside of any loop
// may be kept for a later one, so it is reported when the process has nothing left to do. The counts cost two additions a
// call, and are always on; where the lost coroutine was made is recorded in debug mode only.

import type { EventLoop } from "../base_events.ts"
import { RuntimeWarning } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import { warn } from "../warnings.ts"
import { getRunningLoop } from "./running.ts"
import { callerSite, type SourceSite } from "./source_site.ts"

/** Definitions with something outstanding, or that had when they were last looked at. */
const suspects = new Set<CoroutineDefinition>()

/** Definitions may be made on the fly, in a loop: sweep so that those with nothing outstanding can go. */
const SWEEP_AT = 1024

/** Where a coroutine was made: in the passes of a loop, or {@link nowhere}. */
export type Origin = EventLoop | typeof nowhere

/** The origin of what is made outside of any loop's passes. */
const nowhere: unique symbol = Symbol("outside of any event loop")

/** Coroutines that were made outside of any loop and have not begun. */
let madeNowhere = 0

/** A coroutine function's name, place, and what became of its coroutines. */
export class CoroutineDefinition {
  readonly name: string
  private readonly _subject: string
  private readonly _site: SourceSite | undefined
  private origin: Origin | undefined = undefined
  /** Invariant: coroutines made in `origin` and not begun; those of other origins are in `elsewhere`. */
  private outstanding = 0
  private elsewhere: Map<Origin, number> | undefined = undefined
  private suspect = false
  /** In debug mode: where each outstanding coroutine was made. */
  private sites: Map<Coroutine<unknown, unknown>, SourceSite> | undefined = undefined

  /** @param subject - what the warning says was never awaited */
  constructor(name: string, site: () => SourceSite | undefined, subject = `coroutine '${name}'`) {
    this.name = name
    this._subject = subject
    this._site = site()
  }

  /** Where the coroutine function was defined, as `file:line`. */
  get site(): string {
    return this._site?.site ?? "<unknown>"
  }

  /** Counts a coroutine as outstanding, and returns its origin: for {@link noteBegun}. */
  noteMade(made: Coroutine<unknown, unknown>): Origin {
    const loop = getRunningLoop()
    const origin = loop ?? nowhere
    if (origin !== this.origin) this.turnTo(origin)
    this.outstanding++
    if (!this.suspect) {
      this.suspect = true
      if (suspects.size >= SWEEP_AT) sweep()
      suspects.add(this)
    }
    if (loop === undefined) {
      if (madeNowhere++ === 0) process.on("beforeExit", reportNowhere)
    } else if (loop._debug) {
      this.sites ??= new Map()
      this.sites.set(made, callerSite())
    }
    return origin
  }

  noteBegun(made: Coroutine<unknown, unknown>, origin: Origin): void {
    if (origin === this.origin) {
      // What was reported is forgotten, and may begin all the same.
      if (this.outstanding > 0) this.outstanding--
    } else {
      const count = this.elsewhere?.get(origin)
      if (count !== undefined && count > 1) this.elsewhere?.set(origin, count - 1)
      else this.elsewhere?.delete(origin)
    }
    if (origin === nowhere && madeNowhere > 0 && --madeNowhere === 0) {
      process.removeListener("beforeExit", reportNowhere)
    }
    if (this.sites !== undefined) this.sites.delete(made)
  }

  private turnTo(origin: Origin): void {
    if (this.origin !== undefined && this.outstanding > 0) {
      this.elsewhere ??= new Map()
      this.elsewhere.set(this.origin, this.outstanding)
    }
    this.origin = origin
    this.outstanding = this.elsewhere?.get(origin) ?? 0
    this.elsewhere?.delete(origin)
  }

  /** Warns of each coroutine that was made there and has not begun, and forgets it. */
  report(origin: Origin): void {
    if (origin !== this.origin) this.turnTo(origin)
    const count = this.outstanding
    this.outstanding = 0
    // The loop is about to go: it must not be held here.
    this.origin = undefined
    const sites: Array<SourceSite> = []
    for (const [made, site] of this.sites ?? []) {
      if (made._origin !== origin) continue
      sites.push(site)
      this.sites?.delete(made)
    }
    for (let index = 0; index < count; index++) {
      const site = sites[index]
      const where = site === undefined ? "" : `\nCoroutine created at (most recent call last)\n${site.stack}`
      warn(RuntimeWarning, `${this._subject} was never awaited${where}`, site?.site ?? this._site?.site)
    }
  }

  /** Stops being a suspect, if nothing is outstanding. */
  clear(): boolean {
    if (this.outstanding > 0 || (this.elsewhere !== undefined && this.elsewhere.size > 0)) return false
    this.suspect = false
    return true
  }
}

const sweep = (): void => {
  for (const definition of suspects) if (definition.clear()) suspects.delete(definition)
}

/** Warns of all coroutines that were made in a loop and have not begun. Called when the loop is closed. */
export const reportNeverAwaited = (origin: Origin): void => {
  for (const definition of [...suspects]) definition.report(origin)
  sweep()
}

const reportNowhere = (): void => {
  madeNowhere = 0
  process.removeListener("beforeExit", reportNowhere)
  reportNeverAwaited(nowhere)
}
