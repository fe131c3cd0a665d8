import { describe, it } from "vitest"
import { expectSame } from "../support/same.ts"
import { type Operation, playAll, pythonOf, randomScript, type Script } from "../support/scripts.ts"

type Choice = (random: (below: number) => number, tasks: number) => Operation

const sleep: Choice = (random) => ["sleep", [0, 0, 0, 1][random(4)] as number]
const cancel: Choice = (random, tasks) => ["cancel", random(tasks)]
const plain =
  (name: string): Choice =>
  () => [name]
const numbered =
  (name: string, below: number): Choice =>
  (random) => [name, random(below)]

/** A release by one who holds nothing is an error, or a permit too many: seldom. */
const release: Choice = (random) => ["release", random(8) === 0 ? 0 : 1]
const ownRelease: Choice = () => ["release", 1]
const locking = [sleep, sleep, cancel, plain("acquire"), plain("acquire"), plain("acquire"), release, release]
const queueing = [
  sleep,
  sleep,
  cancel,
  cancel,
  ...["get", "get", "get", "get_nowait", "task_done", "task_done", "join"].map(plain),
  ...["put", "put", "put", "put_nowait"].map((name) => numbered(name, 10))
]

const families: Readonly<Record<string, readonly [ReadonlyArray<Script["primitive"]>, ReadonlyArray<Choice>]>> = {
  "a lock": [[["Lock"]], locking],
  "a semaphore": [
    [
      ["Semaphore", 0],
      ["Semaphore", 1],
      ["Semaphore", 2],
      ["BoundedSemaphore", 1],
      ["BoundedSemaphore", 2]
    ],
    locking
  ],
  "an event": [[["Event"]], [sleep, sleep, cancel, plain("set"), plain("clear"), plain("wait"), plain("wait")]],
  "a condition": [
    [["Condition"]],
    [
      ...[sleep, sleep, cancel, ownRelease, ownRelease],
      ...["acquire", "acquire", "acquire", "wait", "wait", "wait", "notify_all"].map(plain),
      ...[numbered("notify", 3), numbered("notify", 3)]
    ]
  ],
  "a barrier": [
    [
      ["Barrier", 1],
      ["Barrier", 2],
      ["Barrier", 3]
    ],
    [sleep, sleep, cancel, ...["wait", "wait", "wait", "wait", "wait", "wait", "reset", "abort"].map(plain)]
  ],
  "a queue": [
    [
      ["Queue", 0],
      ["Queue", 1],
      ["Queue", 2],
      ["LifoQueue", 2],
      ["PriorityQueue", 2]
    ],
    queueing
  ],
  "a queue that is shut down": [
    [
      ["Queue", 0],
      ["Queue", 1],
      ["Queue", 2]
    ],
    [...queueing, numbered("shutdown", 2)]
  ]
}

describe("random tasks over one primitive, cancelled at random moments, do in each pass what they do in CPython", () => {
  it.each(Object.entries(families))("%s", async (_, [primitives, choices]) => {
    // Batches, so that a difference is found in a list that can be read.
    for (let batch = 0; batch < 10; batch++) {
      const scripts = Array.from({ length: 20 }, (_, n) => randomScript(1000 * batch + n, primitives, choices))
      await expectSame(pythonOf(scripts), playAll(scripts), { passes: true, steps: false })
    }
  })
})
