/**
 * Exception groups (PEP 654): several exceptions raised as one, kept as a tree.
 */
import {
  BaseException,
  BaseExceptionImpl,
  countAsException,
  defineException,
  Exception,
  type ExceptionOptions,
  isExceptionClass,
  type kind
} from "./base_exception.ts"
import { TypeError, ValueError } from "./exceptions_base.ts"
import { repr, typeName } from "./pyrepr.ts"

/** An exception class as a condition: what `catch` would test with `instanceof`. */
export type Matchable = abstract new (...args: ReadonlyArray<never>) => Error

/** Which exceptions are meant: those of a class, of any of several classes, or those that a predicate accepts. */
export type Condition = Matchable | ReadonlyArray<Matchable> | ((error: Error) => boolean)

/** The exceptions that a condition lets through. */
export type Matched<C> = C extends Matchable
  ? InstanceType<C>
  : C extends ReadonlyArray<infer Class extends Matchable>
    ? InstanceType<Class>
    : Error

/**
 * Several exceptions raised as one; some of them may be such that `except Exception` does not catch.
 *
 * `message` is the group's own text, as in Python; `str(group)` adds the count.
 */
export interface BaseExceptionGroup<E extends Error = Error> extends BaseException {
  readonly [kind]: string
  /** Tells a group from an exception that stands for itself. */
  readonly isExceptionGroup: true
  /** The group's own text, without the count that `str(group)` adds. */
  message: string
  /** The exceptions, groups among them, in the order given. */
  readonly exceptions: ReadonlyArray<E>
  /** The same under the name that JavaScript's AggregateError has for it, so that tools show them. */
  readonly errors: ReadonlyArray<E>
  /**
   * The part of the group that meets the condition, nesting kept and empty groups dropped; undefined when nothing does.
   *
   * The condition is asked for every group and then for what it holds; a group that meets it is taken whole.
   */
  subgroup<C extends Condition>(condition: C): BaseExceptionGroup<Matched<C>> | undefined
  /** Both parts: what meets the condition, and what does not. Either may be undefined. */
  split<C extends Condition>(
    condition: C
  ): [matching: BaseExceptionGroup<Matched<C>> | undefined, rest: BaseExceptionGroup<E> | undefined]
  /** A group of other exceptions with the same message. A subclass overrides it so that its parts keep their class. */
  derive<F extends Error>(exceptions: ReadonlyArray<F>): BaseExceptionGroup<F>
}

/** A group that holds nothing which `except Exception` would not catch, and is an `Exception` itself. */
export interface ExceptionGroup<E extends Error = Error> extends BaseExceptionGroup<E> {
  readonly [kind]: `Exception.Group${string}`
  /** The part of the group that matches a condition, nested as it is; `undefined` if nothing does. */
  subgroup<C extends Condition>(condition: C): ExceptionGroup<Matched<C>> | undefined
  /** The part that matches a condition and the part that does not, each nested as it is. */
  split<C extends Condition>(
    condition: C
  ): [matching: ExceptionGroup<Matched<C>> | undefined, rest: ExceptionGroup<E> | undefined]
}

/** The class {@link BaseExceptionGroup}, with and without `new`. */
export interface BaseExceptionGroupConstructor {
  new <E extends Error = Error>(
    message: string,
    exceptions: ReadonlyArray<E>,
    options?: ExceptionOptions
  ): BaseExceptionGroup<E>
  <E extends Error = Error>(
    message: string,
    exceptions: ReadonlyArray<E>,
    options?: ExceptionOptions
  ): BaseExceptionGroup<E>
  readonly prototype: BaseExceptionGroup
}

/** The class {@link ExceptionGroup}, with and without `new`. */
export interface ExceptionGroupConstructor {
  new <E extends Error = Error>(
    message: string,
    exceptions: ReadonlyArray<E>,
    options?: ExceptionOptions
  ): ExceptionGroup<E>
  <E extends Error = Error>(
    message: string,
    exceptions: ReadonlyArray<E>,
    options?: ExceptionOptions
  ): ExceptionGroup<E>
  readonly prototype: ExceptionGroup
}

const check = (args: ReadonlyArray<unknown>): void => {
  if (args.length !== 2) {
    throw new TypeError(`BaseExceptionGroup.__new__() takes exactly 2 arguments (${args.length} given)`)
  }
  const [message, exceptions] = args
  if (typeof message !== "string") {
    throw new TypeError(`BaseExceptionGroup.__new__() argument 1 must be str, not ${typeName(message)}`)
  }
  if (!Array.isArray(exceptions)) throw new TypeError("second argument (exceptions) must be a sequence")
  if (exceptions.length === 0) throw new ValueError("second argument (exceptions) must be a non-empty sequence")
  const stranger = exceptions.findIndex((item) => !(item instanceof Error))
  if (stranger !== -1) throw new ValueError(`Item ${stranger} of second argument (exceptions) is not an exception`)
}

class BaseExceptionGroupImpl extends BaseExceptionImpl {
  readonly #exceptions: ReadonlyArray<Error>
  readonly #given: ReadonlyArray<Error>

  constructor(...input: ReadonlyArray<unknown>) {
    super(...input)
    const [message, given] = this.args as readonly [string, ReadonlyArray<Error>]
    if (!given.every((error) => error instanceof Exception)) {
      if (new.target === (ExceptionGroup as unknown))
        throw new TypeError("Cannot nest BaseExceptions in an ExceptionGroup")
      if (this instanceof Exception) throw new TypeError(`Cannot nest BaseExceptions in ${repr(new.target.name)}`)
    }
    // The stack's first line is made when it is first read: reading it here keeps the count in it, before `message` becomes
    // the bare text that Python's attribute of that name is.
    void this.stack
    this.message = message
    this.#given = given
    this.#exceptions = Object.freeze([...given])
    // An own property, since that is where Node looks for what to print below the stack.
    Object.defineProperty(this, "errors", { value: this.#exceptions, configurable: true })
  }

  override textOf(args: ReadonlyArray<unknown>): string {
    check(args)
    const [message, exceptions] = args as [string, ReadonlyArray<unknown>]
    return countedText(message, exceptions.length)
  }

  get exceptions(): ReadonlyArray<Error> {
    return this.#exceptions
  }

  get isExceptionGroup(): true {
    return true
  }

  derive(exceptions: ReadonlyArray<Error>): BaseExceptionGroup {
    return new BaseExceptionGroup(this.message, exceptions)
  }

  subgroup(condition: Condition): BaseExceptionGroup | undefined {
    return splitTree(this as unknown as BaseExceptionGroup, matcherOf(condition)).match as
      | BaseExceptionGroup
      | undefined
  }

  split(condition: Condition): [BaseExceptionGroup | undefined, BaseExceptionGroup | undefined] {
    const { match, rest } = splitTree(this as unknown as BaseExceptionGroup, matcherOf(condition))
    return [match as BaseExceptionGroup | undefined, rest as BaseExceptionGroup | undefined]
  }

  override __str__(): string {
    return countedText(this.message, this.#exceptions.length)
  }

  override __repr__(): string {
    return `${this.name}(${repr(this.message)}, ${repr(this.#given)})`
  }

  override toString(): string {
    return `${this.name}: ${this.__str__()}`
  }
}

const countedText = (message: string, count: number): string =>
  `${message} (${count} sub-exception${count === 1 ? "" : "s"})`

/** Builds an `ExceptionGroup` when everything in it is an `Exception`. */
export const BaseExceptionGroup: BaseExceptionGroupConstructor = defineException<BaseExceptionGroup>(
  "BaseExceptionGroup",
  BaseException,
  {
    impl: BaseExceptionGroupImpl,
    specialise: ([, exceptions]) =>
      Array.isArray(exceptions) && exceptions.length > 0 && exceptions.every((item) => item instanceof Exception)
        ? ExceptionGroup
        : undefined
  }
) as unknown as BaseExceptionGroupConstructor

/** A group of Exceptions only; `instanceof Exception` holds for it, as for its parts. */
export const ExceptionGroup: ExceptionGroupConstructor = defineException<ExceptionGroup>(
  "ExceptionGroup",
  BaseExceptionGroup
) as unknown as ExceptionGroupConstructor
countAsException(ExceptionGroup)

/** True for groups of either class. */
export const isGroup = (error: unknown): error is BaseExceptionGroup => error instanceof BaseExceptionGroup

const refuseCondition = (): never => {
  throw new TypeError("expected an exception type, a tuple of exception types, or a callable (other than a class)")
}

const matcherOf = (condition: Condition): ((error: Error) => boolean) => {
  if (Array.isArray(condition)) {
    const classes = condition as ReadonlyArray<Matchable>
    return classes.every(isExceptionClass)
      ? (error) => classes.some((Class) => error instanceof Class)
      : refuseCondition()
  }
  if (isExceptionClass(condition)) return (error) => error instanceof condition
  // Other classes would be called as predicates and throw something less helpful.
  if (typeof condition !== "function" || typeName(condition) === "type") return refuseCondition()
  const predicate = condition as (error: Error) => boolean
  return (error) => Boolean(predicate(error))
}

/** The two parts of an exception, split all the way down. A part that is everything is the exception itself. */
export const splitTree = (
  error: Error,
  matches: (error: Error) => boolean
): { readonly match: Error | undefined; readonly rest: Error | undefined } => {
  if (matches(error)) return { match: error, rest: undefined }
  if (!isGroup(error)) return { match: undefined, rest: error }
  const matching: Array<Error> = []
  const resting: Array<Error> = []
  for (const child of error.exceptions) {
    const { match, rest } = splitTree(child, matches)
    if (match !== undefined) matching.push(match)
    if (rest !== undefined) resting.push(rest)
  }
  return { match: subset(error, matching), rest: subset(error, resting) }
}

const subset = (group: BaseExceptionGroup, exceptions: ReadonlyArray<Error>): BaseExceptionGroup | undefined => {
  if (exceptions.length === 0) return undefined
  const part: unknown = group.derive(exceptions)
  if (!isGroup(part)) throw new TypeError("derive must return an instance of BaseExceptionGroup")
  // The part stands for the group: it tells the same story of where it came from. The stack shows the notes, so it comes last.
  if (group.cause !== undefined) part.__cause__ = group.cause
  if (group.__context__ !== undefined) part.__context__ = group.__context__
  for (const note of group.__notes__ ?? []) part.add_note(note)
  if (group.stack !== undefined) part.stack = group.stack
  return part
}
