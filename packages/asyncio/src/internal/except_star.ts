/**
 * `except*` (PEP 654) as a function.
 *
 * Python's clause may await, JavaScript's plain function may not, and a function that is a generator can not be called for its
 * effect. So `except_star` runs as far as it can at once and returns an iterator for what is left: nothing after plain handlers,
 * the first generator handler that matched and all that comes after it otherwise.
 */
import { BaseExceptionImpl, Exception, isExceptionClass } from "./base_exception.ts"
import {
  BaseExceptionGroup,
  type ExceptionGroup,
  isGroup,
  type Matchable,
  type Matched,
  splitTree
} from "./exception_group.ts"
import { TypeError } from "./exceptions_base.ts"

/** What stands after `except*`: a class, or several. */
export type StarCondition = Matchable | ReadonlyArray<Matchable>

/** What a clause's handler is called with: the matching part, always as a group. */
export type MatchedGroup<C> = ExceptionGroup<Matched<C>>

/** What a handler may be: a plain function, or one whose result is iterated with `yield*` (a generator function, a coroutine function). */
export type StarHandler<C, R> = (group: MatchedGroup<C>) => R

/** What the handlers yield, to be iterated with `yield*`; nothing after plain handlers. */
export type StarResult<R> = Generator<
  R extends Iterable<infer Y> & object ? (R extends ReadonlyArray<unknown> ? never : Y) : never,
  void
>

const refuse = (text: string): never => {
  throw new TypeError(text)
}

const classesOf = (condition: StarCondition): ReadonlyArray<Matchable> => {
  const classes = Array.isArray(condition) ? (condition as ReadonlyArray<Matchable>) : [condition as Matchable]
  for (const Class of classes) {
    if (!isExceptionClass(Class)) refuse("catching classes that do not inherit from BaseException is not allowed")
    const isGroupClass =
      (Class as unknown) === BaseExceptionGroup || (Class.prototype as unknown) instanceof BaseExceptionGroup
    if (isGroupClass) refuse("catching ExceptionGroup with except* is not allowed. Use except instead.")
  }
  return classes
}

// A handler's result that must be driven. Arrays and the like are iterable too, but they are just values that an arrow
// function happens to return.
const isDrivable = (result: unknown): result is Iterable<unknown> =>
  typeof result === "object" &&
  result !== null &&
  Symbol.iterator in result &&
  (("next" in result && typeof result.next === "function" && "throw" in result) || "~effect/Effect" in result)

type Clause = readonly [StarCondition, (group: never) => unknown]

class Handling {
  readonly #original: Error
  readonly #clauses: ReadonlyArray<Clause>
  /** What the handlers threw, in their order: new errors, groups thrown again. */
  readonly #thrown: Array<Error> = []
  readonly #reraised = new Set<Error>()
  // What was thrown without being an Error, by the exception that stands for it here.
  readonly #strangers = new Map<Error, unknown>()
  #rest: Error | undefined
  #next = 0
  #group: BaseExceptionGroup | undefined

  constructor(thrown: unknown, clauses: ReadonlyArray<Clause>) {
    this.#original = this.#errorOf(thrown)
    this.#rest = this.#original
    this.#clauses = clauses
  }

  #errorOf(thrown: unknown): Error {
    if (thrown instanceof Error) return thrown
    const error = new Exception(thrown)
    this.#strangers.set(error, thrown)
    return error
  }

  #throw(error: Error): never {
    throw this.#strangers.has(error) ? this.#strangers.get(error) : error
  }

  /** Runs clauses until one has to be driven from outside, and returns that; undefined at the end. */
  advance(): Iterable<unknown> | undefined {
    while (this.#rest !== undefined && this.#next < this.#clauses.length) {
      const [condition, handler] = this.#clauses[this.#next++] as Clause
      // Checked when its turn comes, as Python does.
      const classes = classesOf(condition)
      const { match, rest } = splitTree(this.#rest, (error) => classes.some((Class) => error instanceof Class))
      if (match === undefined) continue
      this.#rest = rest
      this.#group = isGroup(match) ? match : wrap(match)
      try {
        const result = (handler as (group: BaseExceptionGroup) => unknown)(this.#group)
        if (isDrivable(result)) return result
      } catch (error) {
        this.noteRaised(error)
      }
    }
    return undefined
  }

  /** Records what the running handler threw: its own group again, or something new. */
  noteRaised(thrown: unknown): void {
    const error = this.#errorOf(thrown)
    this.#thrown.push(error)
    if (error === this.#group) this.#reraised.add(error)
    else if (error instanceof BaseExceptionImpl && error.__context__ === undefined) error.__context__ = this.#group
  }

  /** Throws what remains, merged as CPython merges it; returns when all was handled. */
  finish(): void {
    const thrown = this.#rest === undefined ? this.#thrown : [...this.#thrown, this.#rest]
    if (!isGroup(this.#original)) {
      // Only one clause can have matched, so there is at most one.
      const [only] = thrown
      if (only !== undefined) this.#throw(only)
      return
    }
    // CPython tells what is left of the original by its traceback, which is another one once the original itself was thrown
    // again: then that alone counts as left, and all else as new.
    const isLeft = thrown.includes(this.#original)
      ? (error: Error) => error === this.#original
      : (error: Error) => this.#reraised.has(error) || error === this.#rest
    const raised = thrown.filter((error) => !isLeft(error))
    const kept = projection(this.#original, thrown.filter(isLeft))
    const all = kept === undefined ? raised : [...raised, kept]
    const [only] = all
    if (only === undefined) return
    this.#throw(all.length === 1 ? only : new BaseExceptionGroup("", all))
  }
}

const wrap = (error: Error): BaseExceptionGroup =>
  // A frozen array prints as the tuple that it is in Python.
  new BaseExceptionGroup("", Object.freeze([error]))

/** The part of the original tree whose leaves are in one of the kept groups: parts come together in their old places. */
const projection = (original: Error, kept: ReadonlyArray<Error>): Error | undefined => {
  if (kept.length === 0) return undefined
  const leaves = new Set<Error>()
  const collect = (error: Error): void => {
    if (isGroup(error)) error.exceptions.forEach(collect)
    else leaves.add(error)
  }
  kept.forEach(collect)
  return splitTree(original, (error) => leaves.has(error)).match
}

function* drive(handling: Handling, first: Iterable<unknown>): Generator<unknown, void> {
  for (let work: Iterable<unknown> | undefined = first; work !== undefined; work = handling.advance()) {
    try {
      yield* work
    } catch (error) {
      handling.noteRaised(error)
    }
  }
  handling.finish()
}

function* finished(): Generator<never, void> {}

/**
 * Python's `except*`: gives each clause the part of the error that its class matches, and throws what is left.
 *
 * An error that is no group is handed on as `ExceptionGroup('', [error])`. A handler that throws its own group again means
 * Python's bare `raise`; what it throws besides is new. At the end the unhandled rest and the groups thrown again are put
 * together in the shape of the original, new exceptions stand beside it in an `ExceptionGroup('')`; a single new exception
 * with no rest is thrown alone.
 *
 * With plain functions it is called like any function. With a generator or coroutine function among the handlers, write
 * `yield* except_star(...)`: the handler may await. `yield*` is right in either case.
 *
 * When interrupted inside a handler, the interruption is one more exception thrown by that handler.
 *
 * @param error what was caught
 * @param clauses pairs of a class (or classes) and a handler, tried in this order
 * @throws TypeError when a clause's class is a group class, or no exception class
 *
 * @example
 * ```ts
 * import { ExceptionGroup, except_star, TypeError, ValueError } from "@skein/asyncio/builtins"
 *
 * const seen: Array<string> = []
 * except_star(
 *   new ExceptionGroup("two", [new ValueError("a"), new TypeError("b")]),
 *   [ValueError, (group) => { seen.push(String(group)) }],
 *   [TypeError, (group) => { seen.push(String(group)) }]
 * )
 * seen // => ["ExceptionGroup: two (1 sub-exception)", "ExceptionGroup: two (1 sub-exception)"]
 * ```
 *
 * Follows PEP 654 and CPython's `_PyExc_PrepReraiseStar`.
 */
export const except_star: ExceptStar = ((error: unknown, ...clauses: ReadonlyArray<Clause>) => {
  const handling = new Handling(error, clauses)
  const work = handling.advance()
  if (work !== undefined) return drive(handling, work)
  handling.finish()
  return finished()
}) as never

/** The type of `except_star`: overloads, since only those give each handler the type of its own group. */
export interface ExceptStar {
  <const C1 extends StarCondition, R1>(error: unknown, clause1: readonly [C1, StarHandler<C1, R1>]): StarResult<R1>
  <const C1 extends StarCondition, R1, const C2 extends StarCondition, R2>(
    error: unknown,
    clause1: readonly [C1, StarHandler<C1, R1>],
    clause2: readonly [C2, StarHandler<C2, R2>]
  ): StarResult<R1 | R2>
  <const C1 extends StarCondition, R1, const C2 extends StarCondition, R2, const C3 extends StarCondition, R3>(
    error: unknown,
    clause1: readonly [C1, StarHandler<C1, R1>],
    clause2: readonly [C2, StarHandler<C2, R2>],
    clause3: readonly [C3, StarHandler<C3, R3>]
  ): StarResult<R1 | R2 | R3>
  <
    const C1 extends StarCondition,
    R1,
    const C2 extends StarCondition,
    R2,
    const C3 extends StarCondition,
    R3,
    const C4 extends StarCondition,
    R4
  >(
    error: unknown,
    clause1: readonly [C1, StarHandler<C1, R1>],
    clause2: readonly [C2, StarHandler<C2, R2>],
    clause3: readonly [C3, StarHandler<C3, R3>],
    clause4: readonly [C4, StarHandler<C4, R4>]
  ): StarResult<R1 | R2 | R3 | R4>
  <C extends StarCondition, R>(
    error: unknown,
    ...clauses: ReadonlyArray<readonly [C, (group: MatchedGroup<C>) => R]>
  ): StarResult<R>
}
