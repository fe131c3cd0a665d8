// All deadlines on the host's own clock, and all sleepers of the fair scheduler, share one heap and one timer of the host. Most
// deadlines never come to pass: setting one and taking it back must not cost a fiber, nor a timer of the host if the work ends
// before it first waits. Of sleepers there may be very many: what each of them keeps is small.
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { TimerHeap, type TimerNode } from "../kernel/TimerHeap.ts"

/** Effect's clock, if a program has not provided another. */
export const hostClock: Clock.Clock = Context.get(Context.empty(), Clock.Clock)

/** The host takes no longer time than this. */
const LONGEST = 2 ** 31 - 1

/** Something that is to happen at a time of the host's monotonic clock. */
export interface HostTimer extends TimerNode {
  timerCancelled: boolean
  fire(): void
}

const timers = new TimerHeap<HostTimer>()
let live = 0
let armed: ReturnType<typeof setTimeout> | undefined
/** Invariant: when `armed` fires. */
let armedFor = Number.POSITIVE_INFINITY

/** The host's monotonic time, in milliseconds. */
export const hostNow = (): number => Number(hostClock.monotonicTimeNanosUnsafe()) / 1e6

const disarm = (): void => {
  if (armed !== undefined) clearTimeout(armed)
  armed = undefined
  armedFor = Number.POSITIVE_INFINITY
}

/** Puts a timer among those of the same kind. Until {@link armHostTimer} is called, nothing makes it fire in time. */
export const addHostTimer = (timer: HostTimer): void => {
  timers.push(timer)
  live++
}

/** From now on the host keeps the timer in mind. */
export const armHostTimer = (timer: HostTimer): void => {
  if (timer.timerCancelled || !timer.timerScheduled || timer.timerWhen >= armedFor) return
  disarm()
  armedFor = timer.timerWhen
  armed = setTimeout(fireDue, Math.min(Math.max(Math.ceil(timer.timerWhen - hostNow()), 0), LONGEST))
}

/** Takes a timer back that has not fired. */
export const cancelHostTimer = (timer: HostTimer): void => {
  if (timer.timerCancelled || !timer.timerScheduled) return
  timer.timerCancelled = true
  timers.noteCancelled(timer)
  live--
  // A timer that nobody needs would keep the process alive.
  if (live === 0) disarm()
}

const fireDue = (): void => {
  disarm()
  try {
    for (let due = timers.peek(); due !== undefined && due.timerWhen <= hostNow(); due = timers.peek()) {
      timers.pop()
      live--
      due.fire()
    }
  } finally {
    const next = timers.peek()
    if (next !== undefined) armHostTimer(next)
  }
}
