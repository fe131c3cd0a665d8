/**
 * The root of Python's exceptions, and the one place where exception classes are made.
 *
 * Every exception is a JavaScript `Error`. Python's classes live in one prototype chain below `BaseException`; what JavaScript
 * itself throws stands outside that chain and is let in by `instanceof` alone (`foreign` below), so that
 * `catch (e) { if (e instanceof Exception) ... }` sees a `TypeError` of the engine as Python's `except Exception` would.
 */
import { dressAsClass } from "./callable.ts"
import { classNameOf, repr, typeName } from "./pyrepr.ts"

/** The options that may follow an exception's own arguments: `raise X(...) from cause` is `throw new X(..., { cause })`. */
export interface ExceptionOptions {
  /** What it was raised from: Python's `raise ... from cause`. */
  readonly cause: unknown
}

/** An exception class: callable with and without `new`, and open to `extends`. */
export interface ExceptionClass<E extends BaseException, Args extends ReadonlyArray<unknown> = ReadonlyArray<unknown>> {
  new (...args: Args): E
  (...args: Args): E
  readonly prototype: E
}

/**
 * Keeps the exception types apart for the compiler, which compares by structure: without it `e instanceof KeyError` would be
 * taken to rule out every other exception. It exists in types only.
 */
export declare const kind: unique symbol

/**
 * Every exception of Python, those that `except Exception` does not catch included.
 *
 * An `Error` thrown by JavaScript itself also passes `instanceof BaseException`, but has only what `Error` has.
 */
export interface BaseException extends Error {
  readonly [kind]: string
  /** The class's name. */
  readonly name: string
  /** Python's `str(e)`. */
  message: string
  /** What the exception was made with, without the options. */
  readonly args: ReadonlyArray<unknown>
  /** What it was raised from: the same as JavaScript's `cause`. */
  __cause__: unknown
  /** What was being handled when it was raised: known only where a helper such as `except_star` saw it, else the cause. */
  __context__: unknown
  /** What `add_note` added; absent before the first note. */
  __notes__?: Array<string>
  /**
   * Adds a remark to the error: where it passed by, what was being done. `console.log` shows it below the stack.
   *
   * @throws TypeError when the note is not a string
   */
  add_note(note: string): void
  /** Python's `repr(e)`: the class and its arguments. */
  __repr__(): string
  /** Python's `str(e)`. */
  __str__(): string
}

const isOptions = (value: unknown): value is ExceptionOptions => {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "cause")) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length === 1
}

// Whether `stack` can be taken later than in Error's own constructor: that allows leaving out our frames (V8).
const capturesLater = typeof Error.captureStackTrace === "function"

/** The constructor behind every exception class; a class with fields of its own derives from it. */
export class BaseExceptionImpl extends Error {
  #args: ReadonlyArray<unknown>
  declare __notes__?: Array<string>
  #context: unknown

  constructor(...input: ReadonlyArray<unknown>) {
    const last = input.at(-1)
    const options = isOptions(last) ? last : undefined
    const args = options === undefined ? input : input.slice(0, -1)
    const text = (new.target.prototype as BaseExceptionImpl).textOf(args)
    const limit = Error.stackTraceLimit
    // One capture, not two: Error's own would begin with the frames of this file.
    if (capturesLater) Error.stackTraceLimit = 0
    try {
      // An empty message is inherited: to give an error one of its own costs as much as making it.
      super(text === "" ? undefined : text, options)
    } finally {
      // Also when the stack overflows just here: the limit belongs to the whole process.
      if (capturesLater) Error.stackTraceLimit = limit
    }
    if (capturesLater && limit !== 0) Error.captureStackTrace(this, new.target)
    this.#args = args
  }

  /** The message for these arguments; called before there is a `this` to speak of, so it may use only its argument. */
  textOf(args: ReadonlyArray<unknown>): string {
    return args.length === 0 ? "" : args.length === 1 ? str(args[0]) : repr(Object.freeze([...args]))
  }

  get args(): ReadonlyArray<unknown> {
    // Frozen on first sight, since most exceptions are never asked; a frozen array prints as a tuple.
    if (!Object.isFrozen(this.#args)) this.#args = Object.freeze([...this.#args])
    return this.#args
  }

  get __cause__(): unknown {
    return this.cause
  }

  set __cause__(cause: unknown) {
    Object.defineProperty(this, "cause", { value: cause, writable: true, configurable: true, enumerable: false })
  }

  get __context__(): unknown {
    return this.#context ?? this.cause
  }

  set __context__(context: unknown) {
    this.#context = context
  }

  add_note(note: string): void {
    if (typeof note !== "string") throw new TypeError(`add_note() argument must be str, not ${typeName(note)}`)
    // Not enumerable: Node would print the notes once more below the stack.
    if (this.__notes__ === undefined) {
      Object.defineProperty(this, "__notes__", { value: [], writable: true, configurable: true, enumerable: false })
    }
    this.__notes__?.push(note)
    // Whoever prints the error prints its stack: there the note stands where Python's traceback has it, below the message.
    if (this.stack !== undefined) this.stack = this.stack.replace(/(\n {4}at )|$/, (frames) => `\n${note}${frames}`)
  }

  __repr__(): string {
    const args = this.args.map(repr).join(", ")
    return `${classNameOf(this)}(${args})`
  }

  __str__(): string {
    return this.message
  }
}

/** How a class is made; see {@link defineException}. */
export interface Definition {
  /** The constructor, where the parent's will not do. */
  readonly impl?: new (
    ...args: ReadonlyArray<never>
  ) => BaseExceptionImpl
  /** Which errors that are not Python's own pass `instanceof` of this very class (not of its subclasses). */
  readonly foreign?: (error: Error) => boolean
  /** Chooses a more special class for these arguments, when this very class is called. */
  readonly specialise?: (args: ReadonlyArray<unknown>) => object | undefined
}

interface Registered {
  readonly impl: new (...args: ReadonlyArray<unknown>) => BaseExceptionImpl
  readonly foreign: ((error: Error) => boolean) | undefined
}

const registry = new WeakMap<object, Registered>()
const ordinaryHasInstance = Function.prototype[Symbol.hasInstance] as (this: object, value: unknown) => boolean

const hasInstance = {
  value(this: object, value: unknown): boolean {
    if (ordinaryHasInstance.call(this, value)) return true
    // `this` may be a user's subclass, which inherits this method: it has no entry of its own and stays ordinary.
    const foreign = registry.get(this)?.foreign
    return foreign !== undefined && value instanceof Error && foreign(value)
  }
}

/**
 * Makes an exception class: a plain function over a prototype that inherits from the parent's, with one constructor call
 * however deep the hierarchy is (a chain of JavaScript classes would make one call for every level).
 *
 * @param name the class's name
 * @param Parent the class it derives from; undefined for the root alone
 */
export const defineException = <E extends BaseException, Args extends ReadonlyArray<unknown> = ReadonlyArray<unknown>>(
  name: E["name"],
  Parent: { readonly prototype: BaseException } | undefined,
  definition: Definition = {}
): ExceptionClass<E, Args> => {
  const inherited = Parent === undefined ? undefined : registry.get(Parent)
  const impl = (definition.impl as Registered["impl"] | undefined) ?? inherited?.impl ?? BaseExceptionImpl
  const { specialise } = definition
  function shell(...args: ReadonlyArray<unknown>): object {
    let target: object = new.target ?? shell
    if (specialise !== undefined && target === shell) target = specialise(args) ?? target
    return Reflect.construct(impl, args, target as typeof impl)
  }
  const ownImpl = definition.impl !== undefined || Parent === undefined
  const prototype = ownImpl ? (impl.prototype as object) : (Object.create(Parent.prototype) as object)
  if (ownImpl && Parent !== undefined && Object.getPrototypeOf(prototype) !== Parent.prototype) {
    Object.setPrototypeOf(prototype, Parent.prototype)
  }
  dressAsClass(shell, name, 0, prototype, Parent ?? Error)
  registry.set(shell, { impl, foreign: definition.foreign })
  return shell as unknown as ExceptionClass<E, Args>
}

/** True for a class that may be caught: `Error` and everything below it. */
export const isExceptionClass = (value: unknown): value is abstract new (...args: ReadonlyArray<never>) => Error =>
  typeof value === "function" &&
  (value === Error || (typeof value.prototype === "object" && (value.prototype as unknown) instanceof Error))

const isPythonic = (value: unknown): boolean => value instanceof BaseExceptionImpl

/** Also matches every JavaScript `Error`. */
export const BaseException: ExceptionClass<BaseException> = defineException<BaseException>("BaseException", undefined, {
  foreign: () => true
})

Object.defineProperty(BaseException, Symbol.hasInstance, hasInstance)
Object.defineProperty(BaseException.prototype, "name", {
  get(this: object) {
    return classNameOf(this)
  },
  // An own name wins, as on any Error.
  set(this: object, value: unknown) {
    Object.defineProperty(this, "name", { value, writable: true, configurable: true, enumerable: false })
  },
  configurable: true
})

/** Everything that `except Exception` catches; base class of user-defined exceptions. */
export interface Exception extends BaseException {
  readonly [kind]: `Exception${string}`
}

// An ExceptionGroup has two parents in Python. JavaScript allows one, so the second is recorded here.
const secondParents = new WeakSet<object>()

/** Lets the instances of a class outside Exception's chain count as Exceptions. */
export const countAsException = (Class: { readonly prototype: object }): void => {
  secondParents.add(Class.prototype)
}

const isSecondParent = (error: Error): boolean => {
  for (let proto: unknown = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    if (secondParents.has(proto as object)) return true
  }
  return false
}

/** Also matches every JavaScript `Error` that is not one of Python's BaseExceptions. */
export const Exception: ExceptionClass<Exception> = defineException<Exception>("Exception", BaseException, {
  foreign: (error) => !isPythonic(error) || isSecondParent(error)
})

/** An operation on a value of the wrong type. Also matches JavaScript's TypeError. */
export interface TypeError extends Exception {
  readonly [kind]: `Exception.TypeError${string}`
}
export const TypeError: ExceptionClass<TypeError> = defineException<TypeError>("TypeError", Exception, {
  foreign: (error) => error instanceof globalThis.TypeError
})

/** Makes an exception without capturing a stack trace: for those made by the thousand and seldom looked at. */
export const createWithoutStack = <E extends BaseException, Args extends ReadonlyArray<unknown>>(
  Class: ExceptionClass<E, Args>,
  ...args: Args
): E => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return new Class(...args)
  } finally {
    Error.stackTraceLimit = limit
  }
}

/**
 * Python's `str(value)`: strings as they are, exceptions by their message, all else as `repr` prints it.
 *
 * @example
 * ```ts
 * import { KeyError, str } from "@skein/asyncio/builtins"
 *
 * str(new KeyError("a")) // => "'a'"
 * ```
 */
export const str = (value: unknown): string => {
  if (typeof value === "string") return value
  if (typeof value === "object" && value !== null) {
    if ("__str__" in value && typeof value.__str__ === "function") return value.__str__() as string
    if (value instanceof Error) return value.message
  }
  return repr(value)
}
