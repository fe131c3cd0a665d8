import { describe, expect, expectTypeOf, it } from "vitest"
import {
  BaseExceptionGroup,
  Exception,
  ExceptionGroup,
  except_star,
  KeyboardInterrupt,
  KeyError,
  OSError,
  repr,
  TypeError,
  ValueError
} from "../../src/builtins.ts"

const nested = (): ExceptionGroup =>
  new ExceptionGroup("m", [ValueError(1), new ExceptionGroup("n", [TypeError(2), KeyError(3)])])

/** What the work throws, printed; "nothing" when it returns. */
const outcome = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return repr(error)
  }
  return "nothing"
}

const pass = (): void => {}
const raise = (error: unknown) => (): never => {
  throw error
}
const again = (group: unknown): never => {
  throw group
}

// The expected texts were printed by CPython 3.13 for the same clauses.
describe("except_star", () => {
  it("259 each clause sees the matching part of what is left", () => {
    const seen: Array<string> = []
    const note = (group: ExceptionGroup): void => {
      seen.push(repr(group))
    }
    except_star(nested(), [[ValueError, TypeError], note], [Exception, note], [Exception, note])
    expect(seen).toEqual([
      "ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [TypeError(2)])])",
      "ExceptionGroup('m', [ExceptionGroup('n', [KeyError(3)])])"
    ])
  })

  it("259 a naked exception is wrapped, and is thrown naked when nobody wants it", () => {
    const seen: Array<string> = []
    except_star(ValueError("naked"), [ValueError, (group) => seen.push(repr(group))])
    except_star(new KeyboardInterrupt(), [KeyboardInterrupt, (group) => seen.push(repr(group))])
    expect(seen).toEqual([
      "ExceptionGroup('', (ValueError('naked'),))",
      "BaseExceptionGroup('', (KeyboardInterrupt(),))"
    ])
    const error = ValueError("naked")
    expect(() => except_star(error, [TypeError, pass])).toThrow(error)
    expect(outcome(() => except_star(error, [ValueError, again]))).toBe("ExceptionGroup('', (ValueError('naked'),))")
    expect(outcome(() => except_star(error, [ValueError, raise(TypeError("new"))]))).toBe("TypeError('new')")
  })

  it.each<[string, Parameters<typeof except_star>[1], Parameters<typeof except_star>[1], string]>([
    ["what is handled is gone", [ValueError, pass], [[TypeError, KeyError], pass], "nothing"],
    [
      "the unhandled rest is thrown in its old shape",
      [TypeError, pass],
      [OSError, pass],
      "ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [KeyError(3)])])"
    ],
    [
      "a group thrown again is put back beside the rest",
      [ValueError, again],
      [TypeError, pass],
      "ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [KeyError(3)])])"
    ],
    [
      "new exceptions stand beside what remains",
      [ValueError, raise(OSError("x"))],
      [TypeError, again],
      "ExceptionGroup('', [OSError('x'), ExceptionGroup('m', [ExceptionGroup('n', [TypeError(2), KeyError(3)])])])"
    ],
    [
      "one new exception alone stays naked",
      [ValueError, raise(OSError("x"))],
      [[TypeError, KeyError], pass],
      "OSError('x')"
    ],
    [
      "several new ones are grouped",
      [ValueError, raise(OSError("x"))],
      [[TypeError, KeyError], raise(OSError("y"))],
      "ExceptionGroup('', [OSError('x'), OSError('y')])"
    ],
    [
      "what is not caught by Exception makes the merged group a BaseExceptionGroup",
      [ValueError, raise(new KeyboardInterrupt())],
      [[TypeError, KeyError], raise(OSError("y"))],
      "BaseExceptionGroup('', [KeyboardInterrupt(), OSError('y')])"
    ]
  ])("259 %s", (_, first, second, expected) => {
    expect(outcome(() => except_star(nested(), first, second))).toBe(expected)
  })

  it("notes what was being handled as the context of a new exception", () => {
    const fresh = OSError("x")
    outcome(() => except_star(nested(), [ValueError, raise(fresh)], [Exception, pass]))
    expect(repr(fresh.__context__)).toBe("ExceptionGroup('m', [ValueError(1)])")
    const caused = OSError("y", { cause: fresh })
    outcome(() => except_star(nested(), [ValueError, raise(caused)]))
    expect(caused.__context__).toBe(fresh)
  })

  it("refuses group classes and what is no exception class", () => {
    const group = "catching ExceptionGroup with except* is not allowed. Use except instead."
    const other = "catching classes that do not inherit from BaseException is not allowed"
    class Mine extends ExceptionGroup {}
    for (const Class of [ExceptionGroup, BaseExceptionGroup, [ValueError, ExceptionGroup], Mine]) {
      expect(() => except_star(nested(), [Class as never, pass])).toThrow(group)
    }
    for (const Class of [5, [ValueError, 5], Map]) {
      expect(() => except_star(nested(), [Class as never, pass])).toThrow(other)
    }
    expect(outcome(() => except_star(nested(), [Exception, pass], [5 as never, pass]))).toBe("nothing")
  })

  it("matches JavaScript's errors, and throws a value that is no error as it came", () => {
    const native = new globalThis.TypeError("js")
    const seen: Array<unknown> = []
    except_star(native, [TypeError, (group) => seen.push(...group.exceptions)])
    expect(seen).toEqual([native])
    expect(outcome(() => except_star("text", [TypeError, pass]))).toBe("'text'")
    expect(outcome(() => except_star(nested(), [Exception, raise("text")]))).toBe("'text'")
  })
})

/** Runs a generator to its end, answering every yield by `answer`. */
const drive = (work: Iterable<unknown>, answer: (asked: unknown) => unknown): void => {
  const steps = work[Symbol.iterator]() as Generator<unknown, void, unknown>
  let step = steps.next()
  while (step.done !== true) {
    try {
      step = steps.next(answer(step.value))
    } catch (error) {
      if (error === answer) throw error
      throw error
    }
  }
}

describe("except_star with generator handlers", () => {
  it("hands their yields on, and goes on with the next clause when they return", () => {
    const log: Array<unknown> = []
    const work = except_star(
      nested(),
      [
        ValueError,
        function* (group) {
          log.push(`first ${repr(group)}`, yield "a", yield "b")
        }
      ],
      [[TypeError, KeyError], () => log.push("second")]
    )
    expect(log).toEqual([])
    drive(work, (asked) => `${asked}!`)
    expect(log).toEqual(["first ExceptionGroup('m', [ValueError(1)])", "a!", "b!", "second"])
  })

  it("merges what they throw like any other", () => {
    const work = except_star(
      nested(),
      [
        ValueError,
        function* () {
          yield 1
          throw OSError("x")
        }
      ],
      [
        TypeError,
        function* (group) {
          yield 2
          throw group
        }
      ]
    )
    expect(outcome(() => drive(work, () => undefined))).toBe(
      "ExceptionGroup('', [OSError('x'), ExceptionGroup('m', [ExceptionGroup('n', [TypeError(2), KeyError(3)])])])"
    )
  })

  it("lets an error thrown into the handler be caught there", () => {
    const caught: Array<unknown> = []
    const work = except_star(ValueError(1), [
      ValueError,
      function* () {
        try {
          yield 1
        } catch (error) {
          caught.push(error)
        }
      }
    ])
    work.next()
    expect(work.throw(new KeyboardInterrupt("now")).done).toBe(true)
    expect(repr(caught)).toBe("[KeyboardInterrupt('now')]")
  })

  it("does at once what needs no waiting, whatever the other handlers are", () => {
    const log: Array<string> = []
    const work = except_star(
      ValueError(1),
      [ValueError, () => log.push("plain")],
      [
        TypeError,
        function* () {
          yield 1
        }
      ]
    )
    expect(log).toEqual(["plain"])
    expect([...work]).toEqual([])
  })

  it("takes an array that a handler happens to return for a value, not for work", () => {
    const work = except_star(nested(), [Exception, (group) => group.exceptions.map(String)])
    expect([...work]).toEqual([])
  })
})

describe("types", () => {
  it("give each handler its own group, and the result what the handlers yield", () => {
    const plain = except_star(
      nested(),
      [ValueError, pass],
      [
        [TypeError, KeyError],
        (group) => {
          expectTypeOf(group).toEqualTypeOf<ExceptionGroup<TypeError | KeyError>>()
        }
      ]
    )
    expectTypeOf(plain).toEqualTypeOf<Generator<never, void>>()
    const asking = except_star(nested(), [
      Exception,
      function* (group) {
        expectTypeOf(group).toEqualTypeOf<ExceptionGroup<Exception>>()
        yield "question" as const
      }
    ])
    expectTypeOf(asking).toEqualTypeOf<Generator<"question", void>>()
    expect(asking.next().value).toBe("question")
  })
})
