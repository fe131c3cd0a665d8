// All deadlines on the host's own clock share one heap and one timer of the host. Most deadlines never come to pass: setting
// one and taking it back must not cost a fiber, nor a timer of the host if the work ends before it first waits.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { TimerHeap, type TimerNode } from "../kernel/TimerHeap.ts"

/** Effect's clock, if a program has not provided another. */
export const hostClock: Clock.Clock = Context.get(Context.empty(), Clock.Clock)

/** The host takes no longer time than this. */
const LONGEST = 2 ** 31 - 1

const timers = new TimerHeap<HostTimer>()
let live = 0
let armed: ReturnType<typeof setTimeout> | undefined
/** Invariant: when `armed` fires. */
let armedFor = Number.POSITIVE_INFINITY

const now = (): number => Number(hostClock.monotonicTimeNanosUnsafe()) / 1e6

const disarm = (): void => {
  if (armed !== undefined) clearTimeout(armed)
  armed = undefined
  armedFor = Number.POSITIVE_INFINITY
}

/** A call at a time of the host's monotonic clock. */
export class HostTimer implements TimerNode {
  readonly timerWhen: number
  timerSequence = 0
  timerScheduled = false
  timerCancelled = false
  private readonly call: () => void

  constructor(when: number, call: () => void) {
    this.timerWhen = when
    this.call = call
    timers.push(this)
    live++
  }

  /** From now on the host keeps it in mind. */
  arm(): void {
    if (this.timerCancelled || !this.timerScheduled || this.timerWhen >= armedFor) return
    disarm()
    armedFor = this.timerWhen
    armed = setTimeout(fireDue, Math.min(Math.max(Math.ceil(this.timerWhen - now()), 0), LONGEST))
  }

  cancel(): void {
    if (this.timerCancelled || !this.timerScheduled) return
    this.timerCancelled = true
    timers.noteCancelled(this)
    live--
    // A timer that nobody needs would keep the process alive.
    if (live === 0) disarm()
  }

  fire(): void {
    live--
    this.call()
  }
}

const fireDue = (): void => {
  disarm()
  try {
    for (let due = timers.peek(); due !== undefined && due.timerWhen <= now(); due = timers.peek()) timers.pop()?.fire()
  } finally {
    timers.peek()?.arm()
  }
}
