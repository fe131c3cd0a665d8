// The statements on asyncio's behaviour that tests carry in their names: their order, what is known to differ, and those that
// no test can carry.

/** Statements of one subject, from `first` up to the next section's. */
export interface Section {
  readonly title: string
  readonly first: number
}

export const lastStatement = 267

export const sections: ReadonlyArray<Section> = [
  { title: "The loop and its order", first: 1 },
  { title: "Futures", first: 26 },
  { title: "The life of a task", first: 46 },
  { title: "Cancellation", first: 65 },
  { title: "gather", first: 84 },
  { title: "wait", first: 97 },
  { title: "wait_for", first: 102 },
  { title: "as_completed", first: 112 },
  { title: "shield", first: 118 },
  { title: "timeout, timeout_at", first: 123 },
  { title: "TaskGroup", first: 136 },
  { title: "Lock", first: 155 },
  { title: "Semaphores", first: 162 },
  { title: "Event", first: 169 },
  { title: "Condition", first: 173 },
  { title: "Barrier", first: 179 },
  { title: "Queues", first: 185 },
  { title: "run, Runner", first: 195 },
  { title: "Asynchronous generators", first: 204 },
  { title: "Context variables", first: 210 },
  { title: "Eager tasks", first: 217 },
  { title: "Exception handlers and the log", first: 223 },
  { title: "Debug mode", first: 228 },
  { title: "How things show themselves", first: 233 },
  { title: "Streams and servers", first: 237 },
  { title: "Processes, signals, executors", first: 250 },
  { title: "Exception groups, context managers, test cases", first: 257 },
  { title: "Call graphs", first: 262 },
  { title: "staggered_race", first: 265 },
  { title: "What CPython leaves open", first: 266 }
]

/** A part of a tested statement that is otherwise on purpose. */
export interface Difference {
  /** Heading or bold lead of the passage in docs/differences.md. */
  readonly lead: string
  readonly what: string
}

/** Tested statements of which a part differs; the rest of each is the same. */
export const differences: Readonly<Record<number, Difference>> = {
  2: {
    lead: "Passes come in turns",
    what: "the host gets its turn after a tenth of a millisecond of passes, not between any two"
  },
  4: { lead: "Equal deadlines fire in order of insertion", what: "equal times come in order of insertion" },
  17: { lead: "A thread cannot block", what: "returns a promise" },
  20: { lead: "Several runs at a time", what: "code outside of any coroutine may run loops side by side" },
  42: {
    lead: "When objects go",
    what: "reported when the garbage collector finds the future, or when the loop closes"
  },
  60: { lead: "When objects go", what: "a loop holds its pending tasks; they are reported when it closes" },
  61: { lead: "No frames of a suspended generator", what: "a stack has one entry" },
  63: {
    lead: "A coroutine can run again",
    what: "each await of a coroutine runs its body anew; warnings come when the loop closes"
  },
  78: {
    lead: "No implicit context of exceptions",
    what: "`__context__` is the cause, unless the library raised the error"
  },
  106: { lead: "No implicit context of exceptions", what: "a replacement gets the TimeoutError as its own context" },
  112: { lead: "Sets keep their order", what: "tasks are created in the order of the arguments" },
  117: { lead: "When objects go", what: "the warning comes when the loop closes" },
  122: { lead: "When objects go", what: "the loop keeps the inner task, whoever holds it" },
  129: {
    lead: "No implicit context of exceptions",
    what: "an error without a context gets the TimeoutError as its own"
  },
  152: { lead: "Sets keep their order", what: "children are cancelled in the order of their creation" },
  195: { lead: "A thread cannot block", what: "returns a promise; there is no default executor to shut down yet" },
  197: { lead: "Sets keep their order", what: "what is left is cancelled in the order of creation" },
  198: { lead: "Refusals are rejected promises", what: "the promise is rejected with CPython's error" },
  199: { lead: "Refusals are rejected promises", what: "the promise is rejected with CPython's error" },
  201: { lead: "A second SIGINT", what: "the second one takes effect in the next pass" },
  204: {
    lead: "When objects go",
    what: "a dropped one is closed when the garbage collector finds it, at the end of the run at the latest"
  },
  205: { lead: "Sets keep their order", what: "they are closed in the order of their first step" },
  209: { lead: "`GeneratorExit` out of a future", what: "coroutines inside of the task are not closed first" },
  211: { lead: "Not there yet", what: "`add_reader` and signal handlers are not built" },
  223: { lead: "Not there yet", what: "nothing reports a protocol, a transport or a socket yet" },
  226: { lead: "Not there yet", what: "there is no `client_connected_cb` yet" },
  231: { lead: "When objects go", what: "the warning comes when the loop closes" },
  232: { lead: "Not there yet", what: "selectors, processes and streams, which CPython logs too, are not built" },
  233: { lead: "Functions have no place", what: "callbacks show without file and line" },
  234: { lead: "Functions have no place", what: "a coroutine shows the line of its `coroutine(...)`" },
  235: { lead: "Functions have no place", what: "callbacks show without file and line" },
  236: { lead: "Not there yet", what: "loops only: servers and processes are not built" }
}

/** Why a statement has no test. */
export type Untested = "undefined in CPython" | "not built yet" | "not applicable"

/** Statements that no test carries. */
export const untested: Readonly<
  Record<number, { readonly title: string; readonly verdict: Untested; readonly reason: string }>
> = {
  25: {
    title: "the order of several sockets that become ready in one wait",
    verdict: "undefined in CPython",
    reason: "it is the order of the operating system's answer"
  },
  212: {
    title: "which context a function in a thread runs in",
    verdict: "not built yet",
    reason: "executors: `to_thread` and `run_in_executor`"
  },
  227: { title: "reports of failing transports", verdict: "not built yet", reason: "transports and protocols" },
  237: { title: "the limit of a StreamReader", verdict: "not built yet", reason: "streams" },
  238: { title: "StreamReader.read", verdict: "not built yet", reason: "streams" },
  239: { title: "StreamReader.readexactly, when too little comes", verdict: "not built yet", reason: "streams" },
  240: { title: "StreamReader.readuntil, its separators and its limit", verdict: "not built yet", reason: "streams" },
  241: { title: "StreamReader.readline", verdict: "not built yet", reason: "streams" },
  242: { title: "a second reader of one stream is refused", verdict: "not built yet", reason: "streams" },
  243: { title: "the end of a stream, and iterating over its lines", verdict: "not built yet", reason: "streams" },
  244: { title: "a full reader pauses its transport", verdict: "not built yet", reason: "streams" },
  245: { title: "the water marks of a writer, and what drain waits for", verdict: "not built yet", reason: "streams" },
  246: { title: "writing to a lost or an ended connection", verdict: "not built yet", reason: "streams" },
  247: { title: "the callback of start_server, and wait_closed", verdict: "not built yet", reason: "streams" },
  248: { title: "how a server closes", verdict: "not built yet", reason: "sockets" },
  249: { title: "errors of connecting, and of its arguments", verdict: "not built yet", reason: "sockets" },
  250: { title: "the return code of a process, and signals to it", verdict: "not built yet", reason: "processes" },
  251: { title: "Process.communicate", verdict: "not built yet", reason: "processes" },
  252: { title: "arguments of a process that are refused", verdict: "not built yet", reason: "processes" },
  253: { title: "the standard streams of a process", verdict: "not built yet", reason: "processes" },
  254: { title: "add_signal_handler and remove_signal_handler", verdict: "not built yet", reason: "signal handlers" },
  255: { title: "run_in_executor and the default executor", verdict: "not built yet", reason: "executors" },
  262: { title: "who awaits a future", verdict: "not built yet", reason: "the call graph" },
  263: { title: "capture_call_graph", verdict: "not built yet", reason: "the call graph" },
  264: { title: "the text of a call graph", verdict: "not built yet", reason: "the call graph" },
  266: {
    title: "the order of what CPython keeps in sets",
    verdict: "undefined in CPython",
    reason: "ours is the order of insertion, which tests of the statements concerned pin"
  },
  267: {
    title: "the order of sockets, of equal timers, and the moment when garbage is found",
    verdict: "undefined in CPython",
    reason: "for equal timers ours is the order of insertion"
  }
}
