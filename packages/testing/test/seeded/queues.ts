import { FifoStore, QueueState, type WaitNode } from "@skein/core/kernel"
import * as Effect from "effect/Effect"
import { get, waitForFlag } from "./support/park.ts"
import { insist, type SeededBug, together } from "./support/strands.ts"

type Make = () => QueueState<number>

/** The item that a getter was woken for goes with it when it gives up. */
class DropsAnItem extends QueueState<number> {
  override getterAbandoned(node: WaitNode): void {
    if (!node.isWaiting && !node.isCancelled && !this.isEmpty) this.store.take()
    super.getterAbandoned(node)
  }
}

/** A woken getter that gives up tells nobody of the item that it leaves behind. */
class TellsNobody extends QueueState<number> {
  override getterAbandoned(node: WaitNode): void {
    this.getters.remove(node)
  }
}

/** Takes "nothing inside" for "nothing unfinished". */
class FinishesEarly extends QueueState<number> {
  override taskDone(): boolean {
    this.unfinished--
    if (this.isEmpty) this.finished.set()
    return true
  }
}

/** Two getters; the second item is only put when the first getter had the first. */
const oneGivesUp = (make: Make): Effect.Effect<void> =>
  Effect.suspend(() => {
    const queue = make()
    let [put, got] = [0, 0]
    const produce = Effect.sync(() => queue.put(++put))
    const first = Effect.andThen(get(queue), () => {
      got++
      return produce
    }).pipe(Effect.uninterruptible)
    const second = Effect.map(get(queue), () => void got++)
    const check = () =>
      insist(got + queue.size === put, `${put} items went in, ${got} came out, ${queue.size} are inside`)
    return Effect.andThen(together({ first, second, producer: produce }, { victim: "first" }), Effect.sync(check))
  })

const newcomers = (once: boolean): Effect.Effect<void> =>
  Effect.suspend(() => {
    const queue = right()
    const getter = Effect.map(get(queue, once), (item) => insist(item !== undefined, "got an item that is none"))
    const producer = Effect.sync(() => queue.put(1)).pipe(
      Effect.andThen(Effect.yieldNow),
      Effect.andThen(Effect.sync(() => queue.put(2)))
    )
    return together({ first: getter, second: getter, producer })
  })

const joining = (make: Make): Effect.Effect<void> =>
  Effect.suspend(() => {
    const queue = make()
    let done = 0
    queue.put(1)
    queue.put(2)
    const worker = Effect.gen(function* () {
      yield* get(queue)
      yield* Effect.yieldNow
      done++
      queue.taskDone()
    })
    const joiner = Effect.map(waitForFlag(queue.finished), () => insist(done === 2, `joined with ${done} of 2 done`))
    return together({ joiner, first: worker, second: worker })
  })

const right: Make = () => new QueueState(0, new FifoStore<number>())

export const queues: ReadonlyArray<SeededBug> = [
  {
    name: "a queue that drops an item when a woken getter gives up",
    right: oneGivesUp(right),
    broken: oneGivesUp(() => new DropsAnItem(0, new FifoStore()))
  },
  {
    name: "a queue that leaves an item lying when a woken getter gives up",
    right: oneGivesUp(right),
    broken: oneGivesUp(() => new TellsNobody(0, new FifoStore()))
  },
  { name: "a queue whose woken getter does not look again", right: newcomers(false), broken: newcomers(true) },
  {
    name: "a queue whose join ends while an item is still in work",
    right: joining(right),
    broken: joining(() => new FinishesEarly(0, new FifoStore()))
  }
]
