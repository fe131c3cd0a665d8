// Where several can go on, something has to say who does. On its own a clock that jumps keeps the order of arrival; a chooser
// is asked instead, and whoever explores schedules is one. The interface stands on the ground floor because both faces have
// a scheduler of their own and one explorer serves the two.

/** What can be scheduled: a fiber in core; a task, or a fiber of Effect's own, in asyncio. */
export interface Strand {
  /** A number that no other strand of the run has, from 0 in the order in which they first became ready. */
  readonly strandId: number
  /**
   * Where it comes from: the lineage of who started it, and the how many-eth of theirs it is. Unlike the number, it is the same
   * in runs that came to it in another order.
   */
  readonly strandLineage: string
  /** How many steps it has made: operations of a fiber, turns of an asyncio task. */
  readonly steps: number
  /** What it is called: the name of its task, else a number of its own. Only asked when somebody looks. */
  describeStrand(): string
}

/**
 * Why a strand is ready: it has not begun, was woken, yielded of its own will, was made to yield, or its timer is next. One that
 * is `"enclosing"` is in the middle of a step, in which another fiber runs: it goes on as soon as that one makes room.
 */
export type ReadyCause = "start" | "wake" | "yield" | "preempted" | "timer" | "enclosing"

/** A strand that could go on. A fiber that has others start for it appears once for each. */
export interface ReadyStrand {
  /** Who could go on. */
  readonly strand: Strand
  /** Why. */
  readonly cause: ReadyCause
}

/**
 * Chooses who goes on, of those who could.
 *
 * Whatever a method throws ends the run: the program is interrupted and cleans up, and then the run fails with what was
 * thrown. The chooser is asked during the clean-up as well; should it throw again, the program is left where it is.
 */
export interface Chooser {
  /** Whether a timer that is next may fire while others are ready. If not, the clock moves when all is idle. */
  readonly timersAnytime: boolean
  /**
   * The strand that ran has ended its turn: says who goes on, as an index.
   *
   * @param ready - two or more; the first is the one that would go on in a run without a chooser
   * @param last - who ran
   */
  pick(ready: ReadonlyArray<ReadyStrand>, last: Strand | undefined): number
  /**
   * A fiber is about to make a step while others are ready: 0 lets it go on, `i` has it yield to `ready[i - 1]`.
   *
   * @param ready - one or more
   * @param running - whose step it is
   */
  preempt(ready: ReadonlyArray<ReadyStrand>, running: Strand): number
  /** A turn begins. */
  turnBegan(strand: Strand, cause: ReadyCause): void
  /** A turn has ended. */
  turnEnded(strand: Strand): void
  /** The run has failed, by a deadlock or by what a method has thrown: what follows is the program's clean-up. */
  runFailed?(): void
}
