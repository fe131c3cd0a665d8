/** What a program may be asked to run with. */
export interface RunOptions {
  /** The program's file name, as tracebacks and reprs show it. Default: `program.py`. */
  readonly name?: string
  /** Start loops in debug mode. Default: `false`. */
  readonly debug?: boolean
  /** Write down every handle that the loop runs (see {@link Answer.steps}). Default: `true`. */
  readonly steps?: boolean
  /** Passes of the loop after which the program is stopped with `PassLimit`. Default: 200 000. */
  readonly maxPasses?: number
  /**
   * Order of timers with exactly the same deadline: `"fifo"` is the order in which they were set, as a program sees it on
   * a real clock; `"heapq"` leaves CPython's unstable heap as it is. Default: `"fifo"`.
   */
  readonly ties?: "fifo" | "heapq"
  /** Use the real clock, sockets, threads and processes. Native backend only. Default: `false`. */
  readonly realtime?: boolean
  /** Seconds of real time after which the program is stopped, also when it spins without ever awaiting. Default: 30. */
  readonly patience?: number
}

/** A Python exception as data. */
export interface PythonError {
  /** The class name, such as `TimeoutError`. */
  readonly type: string
  /** `str(error)`. */
  readonly str: string
  /** `repr` of each argument. */
  readonly args: ReadonlyArray<string>
  readonly notes?: ReadonlyArray<string>
  /** Members of an exception group. */
  readonly exceptions?: ReadonlyArray<PythonError>
  readonly cause?: PythonError
  /** Left out when the program suppressed it (`raise ... from`). */
  readonly context?: PythonError
}

/** One handle that the loop ran. */
export interface Step {
  /** Number of the loop's pass, from 1. */
  readonly pass: number
  /** Virtual seconds since the program began. */
  readonly time: number
  /** `step Task-1`, `wakeup Task-1`, or the callback's qualified name. */
  readonly label: string
}

/** One call of `trace(...)`, a function that every program finds among its globals. */
export interface Mark {
  readonly pass: number
  readonly time: number
  /** Name of the current task; `null` outside tasks. */
  readonly task: string | null
  /** The arguments: strings, numbers, booleans and `None` as themselves, all else as its `repr`. */
  readonly values: ReadonlyArray<string | number | boolean | null>
}

/** One record of the `asyncio` logger: what the default exception handler and debug mode report. */
export interface LogRecord {
  readonly level: string
  readonly message: string
  readonly exception?: PythonError
}

export interface PythonWarning {
  /** The class name, such as `RuntimeWarning`. */
  readonly category: string
  readonly message: string
}

/** What CPython did with a program. */
export interface Answer {
  /** False when an exception left the program. `SystemExit` counts as an ending, not as an exception. */
  readonly ok: boolean
  /** The interpreter's version, such as `3.14.2`. */
  readonly python: string
  readonly stdout: string
  /** What the program wrote there, then the traceback of the exception that left it. */
  readonly stderr: string
  /** The exception that left the program. */
  readonly exception: PythonError | null
  /** True when nothing was ready, no timer was set, and the program still waited. */
  readonly deadlock: boolean
  /** The code of `SystemExit`, if that is how the program ended. */
  readonly exit: number | null
  readonly log: ReadonlyArray<LogRecord>
  readonly warnings: ReadonlyArray<PythonWarning>
  readonly marks: ReadonlyArray<Mark>
  readonly steps: ReadonlyArray<Step>
  /** Passes that the loop made. */
  readonly passes: number
  /** Virtual seconds that the program took. */
  readonly time: number
}

/** @internal The driver's spelling of a request. */
export const requestOf = (source: string, options: RunOptions): string =>
  JSON.stringify({
    source,
    name: options.name,
    debug: options.debug,
    steps: options.steps,
    max_passes: options.maxPasses,
    ties: options.ties,
    realtime: options.realtime
  })

/** @internal */
export const defaultPatience = 30
