// The rows of the table: what every column does, at the same size, and how many user-level operations that is.

/** A timed row. */
export interface WorkloadInfo {
  /** User-level operations in one run. */
  readonly operations: number
  /** What one run does. */
  readonly does: string
}

/** The timed rows, in the table's order. */
export const workloads = {
  spawn_gather: {
    operations: 100_000,
    does: "100,000 tasks that return their number at once; wait for all, results in order"
  },
  spawn_taskgroup: { operations: 100_000, does: "100,000 tasks in one group; leaving the group waits for them" },
  yields: { operations: 100_000, does: "1,000 tasks, each yields 100 times" },
  lock: { operations: 10_000, does: "100 tasks, each takes one lock 100 times and yields while it holds it" },
  semaphore: { operations: 100_000, does: "the same with 1,000 tasks and 10 permits; about 990 wait at any time" },
  queue_pingpong: { operations: 100_000, does: "one producer, one consumer, a queue bounded at 10" },
  queue_fanout: { operations: 100_000, does: "four producers, four consumers, a queue bounded at 100" },
  event_broadcast: { operations: 100_000, does: "1,000 tasks wait for a fresh event, 100 times over" },
  condition: { operations: 20_000, does: "ten producers, ten consumers, one lock with two conditions on it" },
  seq_await: { operations: 1_000_000, does: "one task awaits a trivial function a million times" },
  deep_await: { operations: 1_000_000, does: "a recursion 100 awaits deep, 10,000 times" },
  timers: { operations: 100_000, does: "100,000 tasks sleep 0 to 49 ms at once" },
  timeout_wrap: { operations: 100_000, does: "100,000 calls, one after another, each under a timeout of 10 s" },
  cancel: { operations: 50_000, does: "50,000 tasks wait with a clean-up; cancel each, collect all outcomes" },
  as_completed: { operations: 10_000, does: "10,000 tasks end in ten waves; receive results as they come" }
} satisfies Record<string, WorkloadInfo>

/** The name of a timed row. */
export type WorkloadName = keyof typeof workloads

/** The names of the timed rows, in the table's order. */
export const workloadNames = Object.keys(workloads) as ReadonlyArray<WorkloadName>

/** Rows that are not times of a workload, and stay out of the mean. */
export const extraRows = ["startup", "mem_parked"] as const

/** All rows, in the table's order. */
export const rowNames: ReadonlyArray<string> = [...workloadNames, ...extraRows]
