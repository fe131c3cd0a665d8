// Coroutines that were made and never awaited. CPython sees it when the object's last reference goes; JavaScript has no such
// moment, so each coroutine function counts what it made and what began. That costs two additions a call, and is always on;
// where the lost coroutine was made is recorded in debug mode only.

import { RuntimeWarning } from "../builtins.ts"
import type { Coroutine } from "../coroutines.ts"
import { warn } from "../warnings.ts"
import { getRunningLoop } from "./running.ts"
import { callerSite, type SourceSite } from "./source_site.ts"

/** Definitions with something outstanding, or that had when they were last looked at. */
const suspects = new Set<CoroutineDefinition>()

/** Definitions may be made on the fly, in a loop: sweep so that those with nothing outstanding can go. */
const SWEEP_AT = 1024

/** A coroutine function's name, place, and what became of its coroutines. */
export class CoroutineDefinition {
  readonly name: string
  private readonly _subject: string
  private readonly _site: SourceSite | undefined
  /** Invariant: coroutines made and not begun. */
  private outstanding = 0
  private suspect = false
  /** In debug mode: where each outstanding coroutine was made. */
  private sites: Map<object, SourceSite> | undefined = undefined

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

  noteMade(made: Coroutine<unknown, unknown>): void {
    this.outstanding++
    if (!this.suspect) {
      this.suspect = true
      if (suspects.size >= SWEEP_AT) sweep()
      suspects.add(this)
    }
    if (getRunningLoop()?._debug === true) {
      this.sites ??= new Map()
      this.sites.set(made, callerSite())
    }
  }

  noteBegun(made: Coroutine<unknown, unknown>): void {
    this.outstanding--
    if (this.sites !== undefined) this.sites.delete(made)
  }

  /** Warns of each coroutine that was made and has not begun, and forgets it. */
  report(): void {
    const count = this.outstanding
    this.outstanding = 0
    this.suspect = false
    const sites = this.sites === undefined ? [] : [...this.sites.values()]
    this.sites = undefined
    for (let index = 0; index < count; index++) {
      const site = sites[index]
      const where = site === undefined ? "" : `\nCoroutine created at (most recent call last)\n${site.stack}`
      warn(RuntimeWarning, `${this._subject} was never awaited${where}`, site?.site ?? this.site)
    }
  }

  get isOutstanding(): boolean {
    return this.outstanding > 0
  }

  /** Leaves the set of suspects, if nothing is outstanding. */
  clear(): boolean {
    if (this.outstanding > 0) return false
    this.suspect = false
    return true
  }
}

const sweep = (): void => {
  for (const definition of suspects) if (definition.clear()) suspects.delete(definition)
}

/** Warns of all coroutines that were made and have not begun. Called when a run ends. */
export const reportNeverAwaited = (): void => {
  const reported = [...suspects]
  suspects.clear()
  for (const definition of reported) definition.report()
}
