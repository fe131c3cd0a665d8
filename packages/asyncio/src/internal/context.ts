/**
 * Context variables, and the switch between contexts that the event loop uses.
 *
 * A context is copied for every task and every `call_soon`, and written seldom. So a copy shares the map of its original, and
 * whichever of the two is written first takes a map of its own. CPython's immutable trie makes a write cheaper in a context with
 * hundreds of variables; for the handful that programs have, one small Map is faster to read and to copy.
 */

import { KeyError, LookupError, RuntimeError, TypeError, ValueError } from "../builtins.ts"
import { callableAs } from "./callable.ts"
import { address, defaultRepr, installRepr, repr } from "./pyrepr.ts"

type Values = Map<ContextVar<unknown>, unknown>

const nothing: Values = new Map()

/** What `Token.old_value` is when the variable had no value. */
class MissingType {
  __repr__(): string {
    return "<Token.MISSING>"
  }
}
installRepr(MissingType)
const MISSING = new MissingType()

class ContextVarClass<T> {
  /** The name given at creation. */
  readonly name: string
  readonly #default: T | undefined
  readonly #hasDefault: boolean

  constructor(name: string, options?: { readonly default?: T }) {
    if (typeof name !== "string") throw new TypeError("context variable name must be a str")
    this.name = name
    this.#hasDefault = options !== undefined && "default" in options
    this.#default = options?.default
  }

  /**
   * The variable's value in the current context, else the default given here, else the variable's own.
   *
   * @throws LookupError when there is none of these
   */
  get(): T
  get<D>(fallback: D): T | D
  get(...fallback: [] | [unknown]): unknown {
    const values = valuesOf(current)
    const value = values.get(this as ContextVar<unknown>)
    if (value !== undefined || values.has(this as ContextVar<unknown>)) return value
    if (fallback.length > 0) return fallback[0]
    if (this.#hasDefault) return this.#default
    throw new LookupError(this)
  }

  /** Sets the variable in the current context; the token undoes it. */
  set(value: T): Token<T> {
    const context = currentContext()
    const values = writableValuesOf(context)
    const old = values.has(this as ContextVar<unknown>) ? (values.get(this as ContextVar<unknown>) as T) : MISSING
    values.set(this as ContextVar<unknown>, value)
    return makeToken(this as unknown as ContextVar<T>, old, context)
  }

  /**
   * Puts the variable back to what it was before the `set` that gave the token.
   *
   * @throws ValueError for the token of another variable, or of another context
   * @throws RuntimeError when the token has been used
   */
  reset(token: Token<T>): void {
    if (!(token instanceof TokenClass)) throw new TypeError(`expected an instance of Token, got ${repr(token)}`)
    undo(token as TokenClass<T>, this as unknown as ContextVar<T>)
  }

  __repr__(): string {
    const fallback = this.#hasDefault ? ` default=${repr(this.#default)}` : ""
    return `<ContextVar name=${repr(this.name)}${fallback} at ${address(this)}>`
  }
}
installRepr(ContextVarClass)

/**
 * A variable whose value belongs to the context (in asyncio: the task) that set it.
 *
 * @example
 * ```ts
 * import { ContextVar } from "@skein/asyncio/contextvars"
 *
 * const request = ContextVar<number>("request", { default: 0 })
 * const token = request.set(7)
 * request.get() // => 7
 * request.reset(token)
 * request.get() // => 0
 * ```
 */
export interface ContextVar<T> extends ContextVarClass<T> {}
/** How a {@link ContextVar} is made, with or without `new`. */
export interface ContextVarConstructor {
  new <T = unknown>(name: string, options?: { readonly default?: T }): ContextVar<T>
  <T = unknown>(name: string, options?: { readonly default?: T }): ContextVar<T>
  readonly prototype: ContextVar<unknown>
}
export const ContextVar: ContextVarConstructor = callableAs<ContextVarConstructor>(ContextVarClass, "ContextVar")

const tokenKey = Symbol("token")
let makeToken: <T>(variable: ContextVar<T>, old: T | MissingType, context: Context) => Token<T>
let undo: <T>(token: TokenClass<T>, variable: ContextVar<T>) => void

class TokenClass<T> {
  /** Stands for "had no value". */
  static readonly MISSING: MissingType = MISSING
  /** The variable that was set. */
  readonly var: ContextVar<T>
  /** Its value before, or `Token.MISSING`. */
  readonly old_value: T | MissingType
  readonly #context: Context
  #used = false

  private constructor(key: symbol, variable: ContextVar<T>, old: T | MissingType, context: Context) {
    if (key !== tokenKey) throw new RuntimeError("Tokens can only be created by ContextVars")
    this.var = variable
    this.old_value = old
    this.#context = context
  }

  static {
    makeToken = (variable, old, context) => new TokenClass(tokenKey, variable, old, context)
    undo = (token, variable) => {
      if (token.#used) throw new RuntimeError(`${repr(token)} has already been used once`)
      if (token.var !== variable) throw new ValueError(`${repr(token)} was created by a different ContextVar`)
      if (token.#context !== current) throw new ValueError(`${repr(token)} was created in a different Context`)
      token.#used = true
      const values = writableValuesOf(current)
      if (token.old_value instanceof MissingType) values.delete(variable as ContextVar<unknown>)
      else values.set(variable as ContextVar<unknown>, token.old_value)
    }
  }

  __enter__(): this {
    return this
  }

  __exit__(): void {
    undo(this, this.var)
  }

  [Symbol.dispose](): void {
    undo(this, this.var)
  }

  __repr__(): string {
    return `<Token${this.#used ? " used" : ""} var=${repr(this.var)} at ${address(this)}>`
  }
}
installRepr(TokenClass)

/** What `ContextVar.set` returns: undoes that `set` once, by `reset`, by `using token = variable.set(...)`, or in a with block. */
export interface Token<T> extends TokenClass<T> {}
export const Token: {
  readonly prototype: Token<unknown>
  readonly MISSING: MissingType
  [Symbol.hasInstance](value: unknown): value is Token<unknown>
} = TokenClass as never

let valuesOf: (context: Context) => Values
let writableValuesOf: (context: Context) => Values
let isLent: (context: Context) => boolean
let lend: (context: Context) => Context

class ContextClass {
  #values: Values = nothing
  // Invariant: a map is changed in place only by a context that owns it, and no other context reads it then.
  #owned = false
  // Invariant: true while a `run` of another context, begun in this one, has not returned.
  #beneath = false
  // Invariant: true for a copy that several tasks have for their context, since none of them has written. Programs never see one.
  #lent = false
  // The copy that was lent last.
  #copyToLend: Context | undefined = undefined

  constructor(...args: ReadonlyArray<never>) {
    if (args.length > 0) throw new TypeError("Context() does not accept any arguments")
  }

  static {
    valuesOf = (context) => context.#values
    writableValuesOf = (context) => {
      if (!context.#owned) {
        context.#values = new Map(context.#values)
        context.#owned = true
        context.#copyToLend = undefined
      }
      return context.#values
    }
    isLent = (context) => context.#lent
    lend = (context) => {
      if (context.#lent) return context
      if (context.#copyToLend === undefined) {
        context.#copyToLend = context.copy()
        context.#copyToLend.#lent = true
      }
      return context.#copyToLend
    }
  }

  /** Number of variables with a value here. */
  get size(): number {
    return this.#values.size
  }

  /** A shallow copy: what is set in either later is not seen by the other. Costs the same for any size. */
  copy(): Context {
    const copy = new ContextClass()
    copy.#values = this.#values
    this.#owned = false
    return copy
  }

  /**
   * Calls `fn(...args)` with this context as the current one and returns its result.
   *
   * @throws RuntimeError when the context is already entered
   */
  run<Args extends ReadonlyArray<unknown>, A>(fn: (...args: Args) => A, ...args: Args): A {
    if (typeof fn !== "function") throw new TypeError(`run() expects a function, got ${repr(fn)}`)
    const previous = currentContext()
    if (this === previous || this.#beneath) {
      throw new RuntimeError(`cannot enter context: ${repr(this)} is already entered`)
    }
    const wasBeneath = previous.#beneath
    previous.#beneath = true
    swapContext(this)
    try {
      return fn(...args)
    } finally {
      restoreContext(previous)
      previous.#beneath = wasBeneath
    }
  }

  /** The variable's value in this context, else `fallback`, else undefined; the variable's own default does not count. */
  get<T>(variable: ContextVar<T>): T | undefined
  get<T, D>(variable: ContextVar<T>, fallback: D): T | D
  get(variable: ContextVar<unknown>, fallback?: unknown): unknown {
    return this.has(variable) ? this.#values.get(variable) : fallback
  }

  /**
   * Python's `context[variable]`.
   *
   * @throws KeyError when the variable has no value here
   */
  __getitem__<T>(variable: ContextVar<T>): T {
    if (!this.has(variable as ContextVar<unknown>)) throw new KeyError(variable)
    return this.#values.get(variable as ContextVar<unknown>) as T
  }

  /** Whether the variable has a value in this context. */
  has(variable: ContextVar<never> | ContextVar<unknown>): boolean {
    if (!(variable instanceof ContextVarClass))
      throw new TypeError(`a ContextVar key was expected, got ${repr(variable)}`)
    return this.#values.has(variable as ContextVar<unknown>)
  }

  /** The variables that have a value here. */
  keys(): IterableIterator<ContextVar<unknown>> {
    return this.#values.keys()
  }

  /** Their values. */
  values(): IterableIterator<unknown> {
    return this.#values.values()
  }

  /** Pairs of variable and value. */
  items(): IterableIterator<[ContextVar<unknown>, unknown]> {
    return this.#values.entries()
  }

  [Symbol.iterator](): IterableIterator<ContextVar<unknown>> {
    return this.#values.keys()
  }

  __repr__(): string {
    return defaultRepr(this)
  }
}
installRepr(ContextClass)

/**
 * A mapping from context variables to their values.
 *
 * @example
 * ```ts
 * import { Context, ContextVar } from "@skein/asyncio/contextvars"
 *
 * const level = ContextVar<string>("level", { default: "info" })
 * const context = Context()
 * context.run(() => level.set("debug"))
 * console.log(context.get(level), level.get()) // => debug info
 * ```
 */
export interface Context extends ContextClass {}
/** How an empty {@link Context} is made, with or without `new`. */
export interface ContextConstructor {
  new (): Context
  (): Context
  readonly prototype: Context
}
export const Context: ContextConstructor = callableAs<ContextConstructor>(ContextClass, "Context")

let current: Context = new ContextClass()

/** Who has a context of its own: a task. */
export interface ContextHolder {
  _context: Context
}

/** The task in whose step the program is. */
let holder: ContextHolder | undefined

/**
 * A copy of the current context, for a task that has not begun: tasks that are made in one context share the copy until one of
 * them needs its own, because it writes or somebody asks for it. Most never do, and come by the hundred thousand.
 */
export const contextForTask = (): Context => lend(current)

/** The context of a task, which is its own from then on. */
export const ownContextOf = (task: ContextHolder): Context => {
  const lent = task._context
  if (!isLent(lent)) return lent
  const own = lent.copy()
  task._context = own
  if (task === holder && current === lent) current = own
  return own
}

/** The context that `ContextVar.get` reads and `ContextVar.set` writes. */
export const currentContext = (): Context => {
  // Only the task that is being stepped has made a lent context the current one.
  if (isLent(current)) current = ownContextOf(holder as ContextHolder)
  return current
}

/**
 * Makes `context` the current one and returns the one before: the event loop's way to switch, with no closure and no check.
 *
 * Every swap must be undone in a `finally`: `const previous = swapContext(mine); try { ... } finally { restoreContext(previous) }`.
 */
export const swapContext = (context: Context): Context => {
  const previous = current
  current = context
  return previous
}

/** Makes the context that was current before current again: the task that had lent it may have got its own meanwhile. */
export const restoreContext = (previous: Context): void => {
  current = holder !== undefined && isLent(previous) ? holder._context : previous
}

/** Declares whose step begins, or goes on; returns whose it was. The step's context is swapped within. */
export const swapContextHolder = (task: ContextHolder | undefined): ContextHolder | undefined => {
  const previous = holder
  holder = task
  return previous
}

/**
 * A copy of the current context.
 *
 * @example
 * ```ts
 * import { ContextVar, copy_context } from "@skein/asyncio/contextvars"
 *
 * const level = ContextVar<string>("level")
 * level.set("info")
 * const context = copy_context()
 * level.set("debug")
 * console.log(context.get(level)) // => info
 * ```
 */
export const copy_context = (): Context => current.copy()
