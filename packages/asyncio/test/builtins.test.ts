import assert from "node:assert"
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { describe, expect, expectTypeOf, it } from "vitest"
import * as builtins from "../src/builtins.ts"
import {
  AssertionError,
  BaseException,
  BlockingIOError,
  BrokenPipeError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  Exception,
  FileNotFoundError,
  GeneratorExit,
  KeyboardInterrupt,
  KeyError,
  LookupError,
  NameError,
  OSError,
  RecursionError,
  RuntimeError,
  repr,
  StopAsyncIteration,
  StopIteration,
  SystemExit,
  str,
  TimeoutError,
  TypeError,
  ValueError
} from "../src/builtins.ts"
import { CancelledError } from "../src/exceptions.ts"
import { createWithoutStack } from "../src/internal/base_exception.ts"

const raise = (error: unknown) => (): never => {
  throw error
}

const thrownBy = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error("nothing was thrown")
}

// Class and parent, from Python's table of the built-in exceptions.
const hierarchy: ReadonlyArray<readonly [keyof typeof builtins, keyof typeof builtins]> = [
  ["Exception", "BaseException"],
  ["GeneratorExit", "BaseException"],
  ["KeyboardInterrupt", "BaseException"],
  ["SystemExit", "BaseException"],
  ["BaseExceptionGroup", "BaseException"],
  ["ExceptionGroup", "BaseExceptionGroup"],
  ["ExceptionGroup", "Exception"],
  ["ArithmeticError", "Exception"],
  ["ZeroDivisionError", "ArithmeticError"],
  ["OverflowError", "ArithmeticError"],
  ["AssertionError", "Exception"],
  ["AttributeError", "Exception"],
  ["EOFError", "Exception"],
  ["LookupError", "Exception"],
  ["IndexError", "LookupError"],
  ["KeyError", "LookupError"],
  ["NameError", "Exception"],
  ["OSError", "Exception"],
  ["BlockingIOError", "OSError"],
  ["ConnectionError", "OSError"],
  ["BrokenPipeError", "ConnectionError"],
  ["ConnectionAbortedError", "ConnectionError"],
  ["ConnectionRefusedError", "ConnectionError"],
  ["ConnectionResetError", "ConnectionError"],
  ["FileExistsError", "OSError"],
  ["FileNotFoundError", "OSError"],
  ["InterruptedError", "OSError"],
  ["PermissionError", "OSError"],
  ["ProcessLookupError", "OSError"],
  ["TimeoutError", "OSError"],
  ["RuntimeError", "Exception"],
  ["NotImplementedError", "RuntimeError"],
  ["RecursionError", "RuntimeError"],
  ["StopIteration", "Exception"],
  ["StopAsyncIteration", "Exception"],
  ["TypeError", "Exception"],
  ["ValueError", "Exception"],
  ["Warning", "Exception"],
  ["DeprecationWarning", "Warning"],
  ["ResourceWarning", "Warning"],
  ["RuntimeWarning", "Warning"],
  ["UserWarning", "Warning"]
]

// By name, for the table above.
const classes: Readonly<Record<string, unknown>> = { ...builtins }

const make = (name: keyof typeof builtins): Error => {
  const Class = classes[name] as builtins.ExceptionClass<BaseException>
  return name.endsWith("Group") ? new Class("m", [new KeyboardInterrupt()]) : new Class("m")
}

describe("the hierarchy", () => {
  it.each(hierarchy)("%s is a %s, by that name and not the other way round", (name, parent) => {
    const Class = classes[name] as builtins.ExceptionClass<BaseException>
    const Parent = classes[parent] as builtins.ExceptionClass<BaseException>
    const error = name === "ExceptionGroup" ? new Class("m", [new ValueError()]) : make(name)
    expect(error).toBeInstanceOf(Class)
    expect(error).toBeInstanceOf(Parent)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe(name)
    expect(Class.name).toBe(name)
    expect(make(parent)).not.toBeInstanceOf(Class)
  })

  it.each([GeneratorExit, KeyboardInterrupt, SystemExit, CancelledError])("%o is no Exception", (Class) => {
    expect(new Class()).not.toBeInstanceOf(Exception)
    expect(new Class()).toBeInstanceOf(BaseException)
  })
})

describe("making an exception", () => {
  it("works with and without new", () => {
    for (const error of [ValueError("x"), new ValueError("x")]) {
      expect([error.name, error.message, error.args, String(error)]).toEqual([
        "ValueError",
        "x",
        ["x"],
        "ValueError: x"
      ])
    }
  })

  it("gives the message that str(e) gives in Python", () => {
    expect(ValueError().message).toBe("")
    expect(ValueError(1).message).toBe("1")
    expect(ValueError(1, "a").message).toBe("(1, 'a')")
    expect(ValueError(undefined).message).toBe("None")
    expect(KeyError("a").message).toBe("'a'")
    expect(KeyError().message).toBe("")
    expect(KeyError("a", "b").message).toBe("('a', 'b')")
    expect(LookupError(ValueError("inner")).message).toBe("inner")
  })

  it("keeps the arguments as a tuple", () => {
    const error = ValueError("a", 2)
    expect(error.args).toEqual(["a", 2])
    expect(Object.isFrozen(error.args)).toBe(true)
    expect(error.args).toBe(error.args)
    expect(repr(error)).toBe("ValueError('a', 2)")
  })

  it("takes a last { cause } as the exception it was raised from, not as an argument", () => {
    const cause = new Error("first")
    const error = new ValueError("x", { cause })
    expect([error.args, error.cause, error.__cause__, error.__context__]).toEqual([["x"], cause, cause, cause])
    expect(new ValueError({ cause }).args).toEqual([])
    const notOptions = { cause, more: 1 }
    expect(new ValueError(notOptions).args).toEqual([notOptions])
    expect("cause" in new ValueError("x")).toBe(false)
    const later = new ValueError("x")
    later.__cause__ = cause
    expect(later.cause).toBe(cause)
  })

  it("begins the stack where the exception was made", () => {
    const here = (): Error => new FileNotFoundError(2, "no")
    expect(here().stack?.split("\n").slice(0, 2)).toEqual([
      "FileNotFoundError: [Errno 2] no",
      expect.stringContaining("here")
    ])
    class Mine extends ValueError {}
    expect(new Mine("m").stack?.split("\n").slice(0, 2)).toEqual(["Mine: m", expect.stringContaining("builtins.test")])
  })

  it("prints nothing of its insides", () => {
    expect(Object.keys(new OSError(2, "x", "f"))).toEqual([])
    expect(inspect(createWithoutStack(ValueError, "x"))).toBe("[ValueError: x]")
  })

  it("keeps notes as strings", () => {
    const error = ValueError("x")
    expect("__notes__" in error).toBe(false)
    error.add_note("while testing")
    error.add_note("again")
    expect(
      error.stack
        ?.split("\n")
        .slice(0, 3)
        .map((line) => line.trim())
    ).toEqual([String(error), "while testing", "again"])
    expect(error.__notes__).toEqual(["while testing", "again"])
    expect(inspect(error)).toContain("while testing")
    expect(thrownBy(() => error.add_note(5 as never))).toMatchObject({
      name: "TypeError",
      message: "add_note() argument must be str, not int"
    })
  })

  it("can leave out the stack, and leaves the limit as it was", () => {
    const before = Error.stackTraceLimit
    const error = createWithoutStack(CancelledError, "m")
    expect([error.message, error.args, error.stack]).toEqual(["m", ["m"], "CancelledError: m"])
    expect(Error.stackTraceLimit).toBe(before)
    const broken = {
      toString(): string {
        throw new RuntimeError("no text")
      }
    }
    expect(() => createWithoutStack(ValueError, broken)).toThrow("no text")
    expect(Error.stackTraceLimit).toBe(before)
  })
})

describe("exceptions of one's own", () => {
  class AppError extends ValueError {
    readonly code: number
    constructor(code: number) {
      super(`code ${code}`)
      this.code = code
    }
  }

  it("have their own name, fields and place", () => {
    const error = new AppError(4)
    expect([error.name, error.message, error.code, repr(error), String(error)]).toEqual([
      "AppError",
      "code 4",
      4,
      "AppError('code 4')",
      "AppError: code 4"
    ])
    expect(error).toBeInstanceOf(AppError)
    expect(error).toBeInstanceOf(ValueError)
    expect(error).toBeInstanceOf(Exception)
  })

  it("do not inherit what their base class lets in besides", () => {
    class Own extends Exception {}
    class OwnType extends TypeError {}
    class OwnOS extends OSError {}
    const errors = [new Error("e"), new globalThis.TypeError("t"), new RangeError("r"), new ValueError("v")]
    for (const error of errors) {
      for (const Class of [Own, OwnType, OwnOS, AppError]) expect(error).not.toBeInstanceOf(Class)
    }
    expect(new OwnType()).toBeInstanceOf(TypeError)
  })

  it("may override __str__", () => {
    class Shouting extends Exception {
      override __str__(): string {
        return this.message.toUpperCase()
      }
    }
    expect(str(new Shouting("quiet"))).toBe("QUIET")
  })
})

describe("JavaScript's own errors", () => {
  const overflow = (): number => overflow() + 1

  it("are Exceptions, and BaseExceptions", () => {
    for (const error of [new Error("e"), new globalThis.TypeError("t"), new RangeError("r"), new DOMException("d")]) {
      expect(error).toBeInstanceOf(Exception)
      expect(error).toBeInstanceOf(BaseException)
    }
    for (const value of ["text", 1, undefined, {}, { name: "Error", message: "m" }]) {
      expect(value).not.toBeInstanceOf(Exception)
      expect(value).not.toBeInstanceOf(BaseException)
    }
  })

  it.each<[string, () => unknown, ReadonlyArray<builtins.ExceptionClass<BaseException>>]>([
    ["TypeError", () => (undefined as unknown as () => void)(), [TypeError]],
    ["RangeError", () => "x".repeat(-1), [ValueError]],
    ["stack overflow", overflow, [RecursionError, RuntimeError]],
    ["ReferenceError", raise(new ReferenceError("x is not defined")), [NameError]],
    ["AssertionError", () => assert(false), [AssertionError]],
    ["ENOENT", () => readFileSync(new URL("./no/such/file", import.meta.url)), [FileNotFoundError, OSError]]
  ])("%s takes its natural place", (_, work, expected) => {
    const error = thrownBy(work)
    const family = [
      TypeError,
      ValueError,
      RecursionError,
      RuntimeError,
      NameError,
      AssertionError,
      FileNotFoundError,
      OSError,
      LookupError
    ]
    expect(family.filter((Class) => error instanceof Class)).toEqual(family.filter((Class) => expected.includes(Class)))
  })

  it("system errors match by their code, where it is a system call's", () => {
    const failed = (code: string): Error => Object.assign(new Error(code), { code, syscall: "connect", errno: -1 })
    expect(failed("ECONNREFUSED")).toBeInstanceOf(ConnectionRefusedError)
    expect(failed("ECONNREFUSED")).toBeInstanceOf(ConnectionError)
    expect(failed("ECONNREFUSED")).not.toBeInstanceOf(ConnectionResetError)
    expect(failed("EPIPE")).toBeInstanceOf(BrokenPipeError)
    expect(failed("ETIMEDOUT")).toBeInstanceOf(TimeoutError)
    expect(failed("ENOSPC")).toBeInstanceOf(OSError)
    expect(failed("ENOSPC")).not.toBeInstanceOf(ConnectionError)
    expect(Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" })).not.toBeInstanceOf(OSError)
    expect(new DOMException("late", "TimeoutError")).toBeInstanceOf(TimeoutError)
    expect(new DOMException("gone", "AbortError")).not.toBeInstanceOf(TimeoutError)
  })

  it("are printed by str and repr like the others", () => {
    expect(str(new globalThis.TypeError("t"))).toBe("t")
    expect(repr(new globalThis.TypeError("t"))).toBe("TypeError('t')")
  })
})

describe("OSError", () => {
  it("chooses the class by errno, when OSError itself is called", () => {
    expect([2, 104, 110, 11, 13].map((errno) => new OSError(errno, "x").name)).toEqual([
      "FileNotFoundError",
      "ConnectionResetError",
      "TimeoutError",
      "BlockingIOError",
      "PermissionError"
    ])
    expect(OSError(11, "x")).toBeInstanceOf(BlockingIOError)
    expect(new OSError(9999, "x").name).toBe("OSError")
    expect(new OSError("x").name).toBe("OSError")
    expect(new ConnectionError(104, "x").name).toBe("ConnectionError")
  })

  it("tells errno, reason and file, as Python prints them", () => {
    const error = new OSError(2, "No such file", "f.txt")
    expect([error.errno, error.strerror, error.filename, error.args]).toEqual([
      2,
      "No such file",
      "f.txt",
      [2, "No such file"]
    ])
    expect(str(error)).toBe("[Errno 2] No such file: 'f.txt'")
    expect(repr(error)).toBe("FileNotFoundError(2, 'No such file')")
    expect(str(new OSError(18, "cross", "a", undefined, "b"))).toBe("[Errno 18] cross: 'a' -> 'b'")
    expect([new OSError("x").errno, str(new OSError("x"))]).toEqual([undefined, "x"])
  })
})

describe("exceptions with a value", () => {
  it("StopIteration has the generator's result, SystemExit the status", () => {
    expect([new StopIteration().value, new StopIteration(1).value, new StopIteration(1, 2).value]).toEqual([
      undefined,
      1,
      1
    ])
    expect([new SystemExit().code, new SystemExit(3).code, new SystemExit(1, 2).code]).toEqual([undefined, 3, [1, 2]])
    expect(new StopAsyncIteration()).toBeInstanceOf(Exception)
  })
})

describe("types", () => {
  it("tell exceptions apart, keep subclasses below their parents, and type what they carry", () => {
    expectTypeOf(ValueError("x")).toEqualTypeOf<ValueError>()
    expectTypeOf(new OSError(2, "x").errno).toEqualTypeOf<number | undefined>()
    expectTypeOf<KeyError>().toExtend<LookupError>()
    expectTypeOf<LookupError>().not.toExtend<KeyError>()
    expectTypeOf<ValueError>().not.toExtend<TypeError>()
    expectTypeOf<CancelledError>().not.toExtend<Exception>()
    expectTypeOf<ConnectionResetError>().toExtend<OSError>()
    const describeError = (error: Exception): string => {
      if (error instanceof KeyError) return "key"
      // Without the types' brand the compiler would take `error` for impossible from here on.
      if (error instanceof OSError) return `os ${error.errno}`
      expectTypeOf(error).toEqualTypeOf<Exception>()
      return error.name
    }
    expect(describeError(new RuntimeError())).toBe("RuntimeError")
  })
})
