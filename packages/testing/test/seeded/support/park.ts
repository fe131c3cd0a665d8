// A face of the kernel's machines as thin as can be, so that the same program can stand on a right machine and on a broken one.
// Nothing can be lost between two steps: only the waiting itself can be interrupted.
import type {
  BarrierState,
  ConditionState,
  EventState,
  LockState,
  QueueState,
  WaitNode,
  WaitQueue,
  WeightedSemaphoreState
} from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** A fiber in line. */
export class Parked implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  isWaiting = true
  isCancelled = false
  readonly weight: number
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private readonly go: () => void

  constructor(fiber: Fiber.Fiber<unknown, unknown>, go: () => void, weight: number) {
    this.fiber = fiber
    this.go = go
    this.weight = weight
  }

  wake(): void {
    this.isWaiting = false
    this.fiber.currentDispatcher.scheduleTask(this.go, 0)
  }

  cancel(): void {
    if (!this.isWaiting) return
    this.isWaiting = false
    this.isCancelled = true
    this.waitQueue?.noteCancelled(this)
  }
}

interface Wait {
  /** Takes at once, if that can be done. */
  readonly attempt: () => boolean
  readonly enqueue: (node: Parked) => void
  readonly resumed: (node: Parked) => void
  readonly abandoned: (node: Parked) => void
  readonly weight?: number
  /** It goes on waiting when its fiber is interrupted. */
  readonly stubborn?: boolean
}

/** Takes at once, or gets in line until it is woken. Nothing but the waiting itself can be interrupted. */
export const waitFor = (wait: Wait): Effect.Effect<void> =>
  Effect.uninterruptible(
    Effect.withFiber((fiber) => {
      if (wait.attempt()) return Effect.void
      let woken = false
      let resume: ((effect: Effect.Effect<void>) => void) | undefined
      const claim = Effect.sync(() => wait.resumed(node))
      const go = () => {
        woken = true
        resume?.(claim)
      }
      const node: Parked = new Parked(fiber, go, wait.weight ?? 1)
      wait.enqueue(node)
      const parked = Effect.callback<void>((resumeFiber) => {
        resume = resumeFiber
        if (woken) resume(claim)
      })
      if (wait.stubborn) return parked
      return Effect.onInterrupt(Effect.interruptible(parked), () =>
        Effect.sync(() => {
          node.cancel()
          wait.abandoned(node)
        })
      )
    })
  )

/** What is told of a wait, in the step in which it happens. */
export interface Told {
  readonly arrived?: () => void
  readonly granted?: () => void
  readonly gaveUp?: () => void
}

/** A machine that is held and given back, as seen by one that asks for so much of it. */
interface Holdable {
  readonly tryAcquire: () => boolean
  readonly release: () => void
  readonly line: Readonly<Record<"abandoned" | "enqueue" | "resumed", (node: Parked) => void>>
}

const holdingPart = (
  { line, release, tryAcquire }: Holdable,
  block: Effect.Effect<void>,
  told: Told,
  how: Pick<Wait, "stubborn" | "weight">
): Effect.Effect<void> =>
  Effect.suspend(() => {
    let held = false
    const take = () => {
      held = true
      told.granted?.()
    }
    return waitFor({
      ...how,
      attempt: () => {
        told.arrived?.()
        if (!tryAcquire()) return false
        take()
        return true
      },
      enqueue: (node) => line.enqueue(node),
      resumed: (node) => {
        line.resumed(node)
        take()
      },
      abandoned: (node) => {
        told.gaveUp?.()
        line.abandoned(node)
      }
    }).pipe(Effect.andThen(block), Effect.ensuring(Effect.sync(() => held && release())))
  })

/** Holds a lock around a block. */
export const holding = (
  lock: LockState,
  block: Effect.Effect<void>,
  { stubborn = false, ...told }: Told & { readonly stubborn?: boolean } = {}
): Effect.Effect<void> =>
  holdingPart({ line: lock, tryAcquire: () => lock.tryAcquire(), release: () => void lock.release() }, block, told, {
    stubborn
  })

/** Holds permits of a semaphore around a block. */
export const holdingPermits = (
  semaphore: WeightedSemaphoreState,
  weight: number,
  block: Effect.Effect<void>,
  told: Told = {}
): Effect.Effect<void> =>
  holdingPart(
    {
      line: semaphore,
      tryAcquire: () => semaphore.tryAcquire(weight),
      release: () => void semaphore.release(weight)
    },
    block,
    told,
    { weight }
  )

/** Steps of a condition's wait that a broken face leaves out. */
export interface Omissions {
  /** It does not take the lock again. */
  readonly reacquire?: boolean
  /** It does not pass a notification on when the wait ends with an error. */
  readonly passOn?: boolean
  /** It gives the lock back in one step and gets in line in a later one. */
  readonly atomicity?: boolean
}

/** The order of a condition's wait, as `ConditionState` argues it. */
export const waitOn = (condition: ConditionState, lock: LockState, without: Omissions = {}): Effect.Effect<void> => {
  const reacquire = waitFor({
    attempt: () => lock.tryAcquire(),
    enqueue: (node) => lock.enqueue(node),
    resumed: (node) => lock.resumed(node),
    abandoned: (node) => lock.abandoned(node),
    stubborn: true
  })
  const notified = waitFor({
    attempt: () => false,
    enqueue: (node) => {
      if (without.atomicity) condition.waiters.push(node)
      else condition.startWait(node)
    },
    resumed: (node) => condition.left(node),
    abandoned: (node) => condition.left(node)
  })
  const release = Effect.andThen(
    Effect.sync(() => lock.release()),
    Effect.yieldNow
  )
  return (without.atomicity ? Effect.andThen(release, notified) : notified).pipe(
    Effect.onExit(() => (without.reacquire ? Effect.void : reacquire)),
    Effect.onInterrupt(() => Effect.sync(() => without.passOn || condition.passOn())),
    Effect.uninterruptible
  )
}

/** Waits for a flag. A broken face looks at the flag again when it is woken. */
export const waitForFlag = (
  event: EventState,
  { looksAgain = false, arrived }: { readonly looksAgain?: boolean; readonly arrived?: () => void } = {}
): Effect.Effect<void> => {
  const wait: Effect.Effect<void> = Effect.suspend(() =>
    waitFor({
      attempt: () => event.isSet,
      enqueue: (node) => {
        event.enqueue(node)
        arrived?.()
      },
      resumed: (node) => event.left(node),
      abandoned: (node) => event.left(node)
    }).pipe(Effect.andThen(Effect.suspend(() => (looksAgain && !event.isSet ? wait : Effect.void))))
  )
  return wait
}

/** Meets at a barrier; returns the place in the round. The order is the one that `BarrierState` argues. */
export const meet = (barrier: BarrierState, lock: LockState): Effect.Effect<number> =>
  Effect.suspend(() => {
    let place = -1
    const whileIt = (blocks: () => boolean): Effect.Effect<void> =>
      Effect.suspend(() =>
        blocks()
          ? Effect.andThen(
              waitOn(barrier.condition, lock),
              Effect.suspend(() => whileIt(blocks))
            )
          : Effect.void
      )
    const inside = Effect.suspend(() => {
      place = barrier.arrive()
      return Effect.ensuring(
        whileIt(() => barrier.isFilling),
        Effect.sync(() => barrier.leave())
      )
    })
    const round = Effect.andThen(
      whileIt(() => barrier.isBlocked),
      inside
    )
    return Effect.map(holding(lock, round), () => place)
  })

/** Takes an item: looks again after each wake-up, unless told to look only once. Can be interrupted only while it waits. */
export const get = <A>(queue: QueueState<A>, once = false): Effect.Effect<A> =>
  Effect.suspend(() => {
    let item: { readonly value: A } | undefined
    const take = () => {
      item = { value: queue.get() }
    }
    const attempt: Effect.Effect<void> = waitFor({
      attempt: () => {
        if (queue.isEmpty) return false
        take()
        return true
      },
      enqueue: (node) => queue.enqueueGetter(node),
      resumed: () => {
        queue.getterResumed()
        if (once || !queue.isEmpty) take()
      },
      abandoned: (node) => queue.getterAbandoned(node)
    })
    const untilTaken: Effect.Effect<A> = Effect.andThen(
      attempt,
      Effect.suspend(() => (item === undefined ? untilTaken : Effect.succeed(item.value)))
    )
    return untilTaken
  }).pipe(Effect.uninterruptible)
