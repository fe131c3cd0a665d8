// What is looked at when a run has come to rest, and how it is told.

/** Something that must not get lost: how much of it there was, and how much there is, with whoever has it. */
export interface Account {
  readonly thing: string
  readonly had: number
  readonly has: number
}

/** What a run has shown. */
export interface Observed {
  /** Things that must be conserved. */
  readonly accounts?: ReadonlyArray<Account> | undefined
  /** What has become of the others, in words. In every run of a scenario there are as many, about the same things. */
  readonly others: ReadonlyArray<string>
  /** What the object says of itself; empty if there is none. */
  readonly state: string
}

/** What a scenario finds at rest. */
export interface AtRest {
  /** Whether the one behind has got what it waited for. */
  readonly nextHasIt: boolean
  /** Whether the operation has come to its end. */
  readonly isDone: boolean
}

/** What a scenario says of its operation. */
export interface Subject {
  /** What it is called where it is exported. */
  readonly operation: string
  /** In which situation it waits, if there are several. */
  readonly situation?: string
  /** Why what is lost is lost, by the thing. */
  readonly losses?: Readonly<Record<string, string>>
  /** When it surely waits, in milliseconds from its start; at 500 if left out. */
  readonly waitsAt?: ReadonlyArray<number>
}

/** When the cancellation came: at a time at which it has long waited, or at one of the points that `cancelEverywhere` comes to. */
export type Moment = "waiting" | "again" | "before" | "suspended" | "woken" | "anywhere" | "twice"

/** How a run has ended. */
export interface Ending {
  readonly observed: Observed
  /** How the operation ended. */
  readonly error: string
}

/** A cancellation, and what it has led to. */
export interface Case extends Ending {
  readonly moment: Moment
}

/** A waiting operation, and what is known about its cancellation. */
export interface Row extends Subject {
  readonly cases: ReadonlyArray<Case>
}

/** Cancellations of one run: the milliseconds after the start at which they come. */
export type Times = ReadonlyArray<number>

/** The runs in which the operation is cancelled while it has long waited: once, and once more in its clean-up. */
export const timesOf = (subject: Subject): ReadonlyArray<readonly [Moment, Times]> =>
  (subject.waitsAt ?? [500]).flatMap(
    (at): Array<readonly [Moment, Times]> => [
      ["waiting", [at]],
      ["again", [at, at + 100]]
    ]
  )

export const lossesOf = ({ accounts = [] }: Observed): ReadonlyArray<string> =>
  accounts.filter(({ had, has }) => has < had).map(({ thing }) => thing)

/** Where a point lies, from the words that `cancelEverywhere` has for it. */
export const momentOf = (where: string): Moment => {
  if (where.includes(", and again while it waited")) return "twice"
  if (where.startsWith("while it waited")) return "suspended"
  if (where.startsWith("woken")) return "woken"
  return where === "before its first step" ? "before" : "anywhere"
}

/** The points of a sweep, with what the runs have told. The first run is the one that nobody cancels. */
export const casesOf = (
  operation: string,
  points: ReadonlyArray<{ readonly where: string }>,
  [, ...runs]: ReadonlyArray<Ending>
): ReadonlyArray<Case> => {
  if (runs.length !== points.length)
    throw new Error(`${operation}: ${runs.length} of ${points.length} runs came to rest`)
  return points.map(({ where }, index) => ({ moment: momentOf(where), ...(runs[index] as Ending) }))
}

export const SUCCESS = "none: it succeeds"

/** One of two sayings. */
export const either = (holds: boolean, yes: string, no: string): string => (holds ? yes : no)
