import { inspect } from "node:util"
import { describe, expect, expectTypeOf, it } from "vitest"
import {
  BaseExceptionGroup,
  Exception,
  ExceptionGroup,
  KeyboardInterrupt,
  KeyError,
  LookupError,
  OSError,
  type RuntimeError,
  repr,
  str,
  TypeError,
  ValueError
} from "../../src/builtins.ts"
import { CancelledError } from "../../src/exceptions.ts"

const call = (Class: unknown, ...args: ReadonlyArray<unknown>): unknown =>
  (Class as (...args: ReadonlyArray<unknown>) => unknown)(...args)

const nested = (): ExceptionGroup =>
  new ExceptionGroup("m", [ValueError(1), new ExceptionGroup("n", [TypeError(2), KeyError(3)])])

describe("making a group", () => {
  it.each<[ReadonlyArray<unknown>, unknown, string]>([
    [["m", []], ValueError, "second argument (exceptions) must be a non-empty sequence"],
    [["m", 5], TypeError, "second argument (exceptions) must be a sequence"],
    [["m", new Set([ValueError()])], TypeError, "second argument (exceptions) must be a sequence"],
    [["m", [ValueError(), 1]], ValueError, "Item 1 of second argument (exceptions) is not an exception"],
    [["m", [ValueError]], ValueError, "Item 0 of second argument (exceptions) is not an exception"],
    [[1, [ValueError()]], TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not int"],
    [["m"], TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)"],
    [["m", [new CancelledError()]], TypeError, "Cannot nest BaseExceptions in an ExceptionGroup"]
  ])("257 refuses wrong arguments with CPython's words (%#)", (args, Class, text) => {
    const make = (): unknown => call(ExceptionGroup, ...args)
    expect(make).toThrow(Class as typeof ValueError)
    expect(make).toThrow(text)
  })

  it("257 a subclass of ExceptionGroup refuses BaseExceptions under its own name", () => {
    class Mine extends ExceptionGroup {}
    expect(() => new Mine("m", [new KeyboardInterrupt()])).toThrow("Cannot nest BaseExceptions in 'Mine'")
  })

  it("257 BaseExceptionGroup of plain Exceptions builds an ExceptionGroup", () => {
    expect(new BaseExceptionGroup("m", [ValueError()])).toBeInstanceOf(ExceptionGroup)
    expect(BaseExceptionGroup("m", [new Error("js")]).name).toBe("ExceptionGroup")
    expect(BaseExceptionGroup("m", [nested()])).toBeInstanceOf(Exception)
    const base = BaseExceptionGroup("m", [ValueError(), new CancelledError()])
    expect(base).not.toBeInstanceOf(ExceptionGroup)
    expect(base).not.toBeInstanceOf(Exception)
    expect(base.name).toBe("BaseExceptionGroup")
  })

  it("257 a subclass of BaseExceptionGroup stays itself", () => {
    class Mine extends BaseExceptionGroup {}
    expect(new Mine("m", [ValueError()]).name).toBe("Mine")
    expect(new Mine("m", [ValueError()])).not.toBeInstanceOf(ExceptionGroup)
    expect(new Mine("m", [new KeyboardInterrupt()])).toBeInstanceOf(BaseExceptionGroup)
  })

  it("takes a cause, and does not notice later changes of the list", () => {
    const list: Array<Error> = [ValueError(1)]
    const cause = new Error("why")
    const group = new ExceptionGroup("m", list, { cause })
    list.push(ValueError(2))
    expect([group.cause, group.exceptions.length, Object.isFrozen(group.exceptions)]).toEqual([cause, 1, true])
  })
})

describe("what a group shows", () => {
  it("258 str counts, repr shows the call, message is the text alone", () => {
    expect(str(nested())).toBe("m (2 sub-exceptions)")
    expect(str(new ExceptionGroup("m", [ValueError()]))).toBe("m (1 sub-exception)")
    expect(repr(new ExceptionGroup("m", [ValueError(1)]))).toBe("ExceptionGroup('m', [ValueError(1)])")
    expect(repr(new ExceptionGroup("m", Object.freeze([ValueError(1)])))).toBe("ExceptionGroup('m', (ValueError(1),))")
    expect(nested().message).toBe("m")
    expect(String(nested())).toBe("ExceptionGroup: m (2 sub-exceptions)")
    expect(repr(nested().exceptions)).toBe("(ValueError(1), ExceptionGroup('n', [TypeError(2), KeyError(3)]))")
  })

  it("shows what is inside when Node prints it, as it does for an AggregateError", () => {
    const text = inspect(nested(), { depth: 4 })
    expect(text).toContain("ExceptionGroup: m (2 sub-exceptions)")
    expect(text).toContain("ValueError: 1")
    expect(text).toContain("KeyError: 3")
    expect(nested().errors).toHaveLength(2)
  })
})

describe("split and subgroup", () => {
  const halves = (condition: Parameters<ExceptionGroup["split"]>[0]): string => repr(nested().split(condition))

  it("258 keep nesting and drop empty groups", () => {
    expect(halves(TypeError)).toBe(
      "[ExceptionGroup('m', [ExceptionGroup('n', [TypeError(2)])]), " +
        "ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [KeyError(3)])])]"
    )
    expect(repr(nested().subgroup(LookupError))).toBe("ExceptionGroup('m', [ExceptionGroup('n', [KeyError(3)])])")
  })

  it("258 take a class, several, or a predicate", () => {
    expect(halves([ValueError, KeyError])).toBe(
      "[ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [KeyError(3)])]), " +
        "ExceptionGroup('m', [ExceptionGroup('n', [TypeError(2)])])]"
    )
    expect(halves((error) => error.message === "2")).toBe(halves(TypeError))
    const mixed = new ExceptionGroup("js", [new globalThis.TypeError("x"), new Error("y")])
    expect(mixed.subgroup(TypeError)?.exceptions).toEqual([mixed.exceptions[0]])
    expect(mixed.subgroup(globalThis.TypeError)?.exceptions).toEqual([mixed.exceptions[0]])
  })

  it("258 give undefined for nothing, and the group itself when the group as a whole meets the condition", () => {
    const group = nested()
    expect(group.subgroup(OSError)).toBeUndefined()
    expect(group.split(Exception)).toEqual([group, undefined])
    expect(group.subgroup(Exception)).toBe(group)
    expect(group.split(OSError)[0]).toBeUndefined()
    expect(repr(group.split(OSError)[1])).toBe(repr(group))
    expect(group.subgroup(ExceptionGroup)).toBe(group)
  })

  it("ask the predicate for every group before what it holds", () => {
    const asked: Array<string> = []
    nested().split((error) => asked.push(str(error)) === 0)
    expect(asked).toEqual(["m (2 sub-exceptions)", "1", "n (2 sub-exceptions)", "2", "3"])
  })

  it.each([5, [ValueError, 5], [ValueError, Map], class Other {}])(
    "refuse what is neither exception class nor predicate (%#)",
    (condition) => {
      const split = (): unknown => nested().split(condition as never)
      expect(split).toThrow(TypeError)
      expect(split).toThrow(
        "expected an exception type, a tuple of exception types, or a callable (other than a class)"
      )
    }
  )

  it("carry cause, context, notes and stack over to the parts", () => {
    const group = nested()
    group.__cause__ = new Error("cause")
    group.__context__ = new Error("context")
    group.add_note("seen")
    const part = group.subgroup(ValueError)
    expect([part?.cause, part?.__context__, part?.__notes__, part?.stack]).toEqual([
      group.cause,
      group.__context__,
      ["seen"],
      group.stack
    ])
    part?.add_note("only here")
    expect(group.__notes__).toEqual(["seen"])
  })

  it("258 derive decides the class of the parts", () => {
    class Tagged<E extends Error = Error> extends ExceptionGroup<E> {
      readonly tag: string
      constructor(message: string, exceptions: ReadonlyArray<E>, tag: string) {
        super(message, exceptions)
        this.tag = tag
      }
      override derive<F extends Error>(exceptions: ReadonlyArray<F>): Tagged<F> {
        return new Tagged(this.message, exceptions, this.tag)
      }
    }
    const [match, rest] = new Tagged("m", [ValueError(1), TypeError(2)], "t").split(ValueError)
    expect([match, rest].map((part) => [part?.name, (part as unknown as Tagged).tag])).toEqual([
      ["Tagged", "t"],
      ["Tagged", "t"]
    ])
    class Plain extends ExceptionGroup {}
    expect(new Plain("m", [ValueError(1), TypeError(2)]).subgroup(ValueError)?.name).toBe("ExceptionGroup")
    class Broken extends ExceptionGroup {
      override derive(): never {
        return 5 as never
      }
    }
    expect(() => new Broken("m", [ValueError(1), TypeError(2)]).split(ValueError)).toThrow(
      "derive must return an instance of BaseExceptionGroup"
    )
    expect(repr(nested().derive([new KeyboardInterrupt()]))).toBe("BaseExceptionGroup('m', [KeyboardInterrupt()])")
  })
})

describe("types", () => {
  it("know what is inside, before and after a split", () => {
    const group = new ExceptionGroup("m", [ValueError(1), TypeError(2)])
    expectTypeOf(group).toEqualTypeOf<ExceptionGroup<ValueError | TypeError>>()
    expectTypeOf(group.exceptions).toEqualTypeOf<ReadonlyArray<ValueError | TypeError>>()
    expectTypeOf(group.subgroup(ValueError)).toEqualTypeOf<ExceptionGroup<ValueError> | undefined>()
    expectTypeOf(group.subgroup([ValueError, KeyError])).toEqualTypeOf<
      ExceptionGroup<ValueError | KeyError> | undefined
    >()
    expectTypeOf(group.split((error) => error.message === "")[0]).toEqualTypeOf<ExceptionGroup<Error> | undefined>()
    expectTypeOf<ExceptionGroup>().toExtend<Exception>()
    expectTypeOf<BaseExceptionGroup>().not.toExtend<Exception>()
    expectTypeOf<RuntimeError>().not.toExtend<ExceptionGroup>()
    expect(group).toBeInstanceOf(ExceptionGroup)
  })
})
