// Types for functions that wrap a function and keep its parameters: `coroutine`, `async_generator`, `asynccontextmanager`.
//
// Why those are overloaded. A parameter type that spells out `(...args: Args) => ...` gives the parameters of the function
// expression behind it a contextual type, and that wins over their defaults: `x = 2` would be `unknown`. A bare type parameter does
// not, but it cannot carry the type parameters of a generic function over to the result. So the first overload takes every function
// that has none, and the others take the rest.

/** `Then` for a function type without type parameters, and `unknown` as long as TypeScript has not looked at it; else `never`. */
export type IfPlain<F, Then = unknown> = unknown extends F
  ? unknown
  : F extends (...args: never) => infer Result
    ? IsSame<F, Returning<F, Result>> extends true
      ? Then
      : never
    : never

/** The function type `F` with another result. */
export type Returning<F, Result> = F extends (this: infer This, ...args: infer Args) => unknown
  ? unknown extends This
    ? (...args: Args) => Result
    : (this: This, ...args: Args) => Result
  : never

/** What a function type returns. */
export type ReturnOf<F> = F extends (...args: never) => infer Result ? Result : never

/** Whether two types are one and the same: a generic function is not the same as any that was rebuilt from its parts. */
type IsSame<X, Y> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : false
