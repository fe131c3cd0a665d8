/**
 * Effectful functions that call each other as directly as plain functions do.
 *
 * A call of a function made with `Effect.fn` is an effect of its own, also where it is yielded at once: the fiber leaves the
 * caller, runs the callee, and comes back. A function made with {@link fn} is an effect as well, wherever one is asked for;
 * but yielded in the body of another such function, its body simply goes on inside, as with `await` in JavaScript.
 */
import type * as Effect from "effect/Effect"
import { type AnyBody, Call } from "./internal/directCall.ts"

// Not `Effect.Error` and `Effect.Services`: through these, which take a union apart, TypeScript does not infer.
type ErrorOf<Eff> = [Eff] extends [never]
  ? never
  : [Eff] extends [Effect.Effect<infer _A, infer E, infer _R>]
    ? E
    : never
type ServicesOf<Eff> = [Eff] extends [never]
  ? never
  : [Eff] extends [Effect.Effect<infer _A, infer _E, infer R>]
    ? R
    : never

/**
 * Makes an effectful function of a generator function, as `Effect.fnUntraced` does, whose calls from the body of another such
 * function are direct: `yield* f(x)` there costs little more than a call of a generator function.
 *
 * What it returns is an effect like any other: it can be piped, retried, forked, and run more than once. In all of these, and
 * yielded in `Effect.gen`, it behaves and costs as with `Effect.fnUntraced`. It has no span; put `Effect.withSpan` around a
 * call that shall have one.
 *
 * A defect that a body throws passes by the `try` of its callers, as everywhere in Effect: catch it with `Effect.catchDefect`.
 * A direct call that neither waits nor yields an effect is no point at which the fiber can be interrupted. The primitives of
 * this package are called directly too: `yield* Queue.take(queue)` takes on the spot what is there, and waits for what is not.
 *
 * @param body - what the function does. It yields effects with `yield*`.
 *
 * When interrupted: as the effects in its body. A body that is left does not go on; put `Effect.ensuring` around what has to be
 * cleaned up after.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Direct } from "@skein/core"
 *
 * const half = Direct.fn(function* (n: number) {
 *   return n % 2 === 0 ? n / 2 : yield* Effect.fail(`${n} is odd`)
 * })
 * const quarter = Direct.fn(function* (n: number) {
 *   return yield* half(yield* half(n))
 * })
 * console.log(Effect.runSync(quarter(12))) // => 3
 * console.log(Effect.runSync(Effect.flip(quarter(6)))) // => 3 is odd
 * ```
 */
export const fn =
  <Eff extends Effect.Effect<unknown, unknown, unknown>, A, Args extends Array<unknown>>(
    body: (...args: Args) => Generator<Eff, A, never>
  ): ((...args: Args) => Effect.Effect<A, ErrorOf<Eff>, ServicesOf<Eff>>) =>
  (...args) =>
    new Call(body as unknown as AnyBody, args) as never

/**
 * Makes an effect of a generator function, as `Effect.gen` does, in whose body calls of functions made with {@link fn} are
 * direct.
 *
 * @param body - what the effect does. It yields effects with `yield*`.
 *
 * When interrupted: as the effects in its body.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Direct } from "@skein/core"
 *
 * const square = Direct.fn(function* (n: number) {
 *   return n * n
 * })
 * const program = Direct.gen(function* () {
 *   let sum = 0
 *   for (let n = 1; n <= 3; n++) sum += yield* square(n)
 *   return sum
 * })
 * console.log(Effect.runSync(program)) // => 14
 * ```
 */
export const gen = <Eff extends Effect.Effect<unknown, unknown, unknown>, A>(
  body: () => Generator<Eff, A, never>
): Effect.Effect<A, ErrorOf<Eff>, ServicesOf<Eff>> => fn(body)()
