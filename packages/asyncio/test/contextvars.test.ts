import { inspect } from "node:util"
import { describe, expect, expectTypeOf, it } from "vitest"
import { KeyError, LookupError, RuntimeError, repr, TypeError, ValueError } from "../src/builtins.ts"
import { Context, ContextVar, copy_context, Token } from "../src/contextvars.ts"
import { currentContext, swapContext } from "../src/internal/context.ts"

describe("ContextVar", () => {
  it("gives its value, else the default asked for, else its own default", () => {
    const plain = ContextVar<number>("plain")
    const ready = new ContextVar<number>("ready", { default: 3 })
    expect([plain.get(4), ready.get(4), ready.get(), plain.get(undefined)]).toEqual([4, 4, 3, undefined])
    Context().run(() => {
      plain.set(1)
      ready.set(2)
      expect([plain.get(), plain.get(4), ready.get()]).toEqual([1, 1, 2])
    })
    expect([plain.get(4), ready.get()]).toEqual([4, 3])
  })

  it("distinguishes a value of undefined from none", () => {
    const variable = ContextVar<number | undefined>("v")
    Context().run(() => {
      variable.set(undefined)
      expect(variable.get(1)).toBeUndefined()
      const token = variable.set(2)
      expect(token.old_value).toBeUndefined()
      variable.reset(token)
      expect(variable.get(1)).toBeUndefined()
    })
  })

  it("214 raises LookupError naming the variable when there is no value", () => {
    const variable = ContextVar<number>("missing")
    expect(() => variable.get()).toThrow(LookupError)
    expect(() => variable.get()).toThrow(/^<ContextVar name='missing' at 0x[0-9a-f]+>$/)
  })

  it("wants a string for a name", () => {
    expect(() => ContextVar(5 as never)).toThrow(TypeError)
    expect(() => ContextVar(5 as never)).toThrow("context variable name must be a str")
  })

  it("prints name, default and address", () => {
    const text = /^<ContextVar name='v' default=\[1\] at 0x[0-9a-f]+>$/
    const variable = ContextVar("v", { default: [1] })
    for (const shown of [String(variable), inspect(variable), repr(variable)]) expect(shown).toMatch(text)
  })
})

describe("Token", () => {
  const within = (work: () => void): void => Context().run(work)

  it("undoes its set, in order, down to no value at all", () =>
    within(() => {
      const variable = ContextVar<string>("v")
      const first = variable.set("a")
      const second = variable.set("b")
      expect([first.old_value, second.old_value, first.var]).toEqual([Token.MISSING, "a", variable])
      variable.reset(second)
      expect(variable.get()).toBe("a")
      variable.reset(first)
      expect(variable.get("none")).toBe("none")
    }))

  it("214 serves once, for its own variable, in its own context", () =>
    within(() => {
      const variable = ContextVar<number>("v")
      const other = ContextVar<number>("w")
      const token = variable.set(1)
      expect(() => other.reset(token)).toThrow(ValueError)
      expect(() => other.reset(token)).toThrow(
        /^<Token var=<ContextVar name='v' at \w+> at \w+> was created by a different ContextVar$/
      )
      const elsewhere = copy_context()
      expect(() => elsewhere.run(() => variable.reset(token))).toThrow(ValueError)
      expect(() => elsewhere.run(() => variable.reset(token))).toThrow(/> was created in a different Context$/)
      variable.reset(token)
      expect(() => variable.reset(token)).toThrow(RuntimeError)
      expect(() => variable.reset(token)).toThrow(/^<Token used var=.*> has already been used once$/)
    }))

  it("refuses what is no token", () => {
    expect(() => ContextVar<number>("v").reset(5 as never)).toThrow("expected an instance of Token, got 5")
  })

  it("is made by set alone", () => {
    const Constructor = Token as unknown as new () => unknown
    expect(() => new Constructor()).toThrow("Tokens can only be created by ContextVars")
    expect(String(Token.MISSING)).toBe("<Token.MISSING>")
  })

  it("215 resets its variable at the end of a with block, or of `using`", () =>
    within(() => {
      const variable = ContextVar("v", { default: 0 })
      {
        using token = variable.set(1)
        expect([token, variable.get()]).toEqual([token, 1])
      }
      expect(variable.get()).toBe(0)
      const token = variable.set(2)
      expect(token.__enter__()).toBe(token)
      token.__exit__()
      expect(variable.get()).toBe(0)
    }))
})

describe("Context", () => {
  it("210 a copy and its original do not see each other's later sets", () => {
    const variable = ContextVar<number>("v")
    const original = Context()
    original.run(() => variable.set(1))
    const copy = original.copy()
    const copyOfCopy = copy.copy()
    original.run(() => variable.set(2))
    copy.run(() => variable.set(3))
    expect([original, copy, copyOfCopy].map((context) => context.get(variable))).toEqual([2, 3, 1])
  })

  it("runs a function with arguments and returns its result; errors pass, and the context is left", () => {
    const outside = currentContext()
    const context = Context()
    expect(context.run((a: number, b: string) => `${a}${b}`, 1, "x")).toBe("1x")
    expect(() =>
      context.run(() => {
        throw new ValueError("inside")
      })
    ).toThrow("inside")
    expect(currentContext()).toBe(outside)
    expect(context.run(() => currentContext())).toBe(context)
  })

  it("214 can not be entered twice, neither directly nor beneath another", () => {
    const context = Context()
    const text = /^cannot enter context: <Context object at 0x[0-9a-f]+> is already entered$/
    expect(() => context.run(() => context.run(() => 1))).toThrow(RuntimeError)
    expect(() => context.run(() => context.run(() => 1))).toThrow(text)
    expect(() => context.run(() => Context().run(() => Context().run(() => context.run(() => 1))))).toThrow(text)
    expect(context.run(() => 1)).toBe(1)
    const outside = currentContext()
    expect(() => context.run(() => outside.run(() => 1))).toThrow(text)
  })

  it("214 also knows a context that the event loop has switched to", () => {
    const task = Context()
    const previous = swapContext(task)
    try {
      expect(() => task.run(() => 1)).toThrow(/is already entered/)
      expect(() => Context().run(() => task.run(() => 1))).toThrow(/is already entered/)
    } finally {
      expect(swapContext(previous)).toBe(task)
    }
    expect(task.run(() => 1)).toBe(1)
  })

  it("is a mapping from variables to values", () => {
    const a = ContextVar<number>("a", { default: 9 })
    const b = ContextVar<string>("b")
    const context = Context()
    expect([context.size, context.get(a), context.get(b, "no"), context.has(a)]).toEqual([0, undefined, "no", false])
    context.run(() => {
      a.set(1)
      b.set("x")
    })
    expect(context.size).toBe(2)
    expect([...context]).toEqual([a, b])
    expect([...context.keys()]).toEqual([a, b])
    expect([...context.values()]).toEqual([1, "x"])
    expect([...context.items()]).toEqual([
      [a, 1],
      [b, "x"]
    ])
    expect([context.__getitem__(a), context.has(b)]).toEqual([1, true])
    expect(() => Context().__getitem__(a)).toThrow(KeyError)
    expect(() => context.get("a" as never)).toThrow("a ContextVar key was expected, got 'a'")
  })

  it("takes no arguments and wants a function to run", () => {
    const make = Context as (...args: ReadonlyArray<unknown>) => Context
    expect(() => make(5)).toThrow("Context() does not accept any arguments")
    expect(() => Context().run(5 as never)).toThrow(TypeError)
  })

  it("is typed: what a variable holds, what run returns, what a default adds", () => {
    const variable = ContextVar<number>("v", { default: 0 })
    expectTypeOf(variable.get()).toEqualTypeOf<number>()
    expectTypeOf(variable.get("x" as string)).toEqualTypeOf<number | string>()
    expectTypeOf<ContextVar<number>["set"]>().parameter(0).toEqualTypeOf<number>()
    expectTypeOf(Context().get(variable)).toEqualTypeOf<number | undefined>()
    expectTypeOf(Context().run((n: number) => n > 1, 2)).toEqualTypeOf<boolean>()
    // @ts-expect-error the function's own parameters are asked for
    expect(Context().run((n: number) => n, "x")).toBe("x")
  })
})
