import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { ValueError } from "../../src/builtins.ts"
import { callable } from "../../src/internal/callable.ts"
import {
  address,
  defaultRepr,
  floatRepr,
  format_float,
  installRepr,
  repr,
  reprlib_repr,
  typeName
} from "../../src/internal/pyrepr.ts"

// The expected texts are what CPython 3.13 prints for the corresponding value.
describe("repr", () => {
  it.each<[unknown, string]>([
    ["plain", "'plain'"],
    ["it's", `"it's"`],
    [`it's "x"`, `'it\\'s "x"'`],
    ["a\\b\n\r\t\0\x7f", "'a\\\\b\\n\\r\\t\\x00\\x7f'"],
    ["é漢😀", "'é漢😀'"],
    ["\u00a0\u200b\u2028\ue000\u{e0001}", "'\\xa0\\u200b\\u2028\\ue000\\U000e0001'"],
    ["", "''"]
  ])("quotes and escapes the string %j", (value, text) => {
    expect(repr(value)).toBe(text)
  })

  it.each<[unknown, string]>([
    [1, "1"],
    [-1, "-1"],
    [0, "0"],
    [-0, "-0.0"],
    [1.5, "1.5"],
    [2 ** 53, "9007199254740992.0"],
    [1e16, "1e+16"],
    [1e-5, "1e-05"],
    [0.0001, "0.0001"],
    [1.5e300, "1.5e+300"],
    [Number.NaN, "nan"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [12345678901234567890n, "12345678901234567890"],
    [true, "True"],
    [false, "False"],
    [undefined, "None"],
    [null, "None"]
  ])("prints %s as Python's number or constant", (value, text) => {
    expect(repr(value)).toBe(text)
  })

  it.each<[unknown, string]>([
    [[1, "a", [undefined]], "[1, 'a', [None]]"],
    [Object.freeze([1, 2]), "(1, 2)"],
    [Object.freeze([1]), "(1,)"],
    [Object.freeze([]), "()"],
    [{ a: 1, "b c": [true] }, "{'a': 1, 'b c': [True]}"],
    [{}, "{}"],
    [new Map<unknown, unknown>([[1, "x"]]), "{1: 'x'}"],
    [new Set([1, 2]), "{1, 2}"],
    [new Set(), "set()"],
    [new Uint8Array([97, 0, 39, 255, 10]), `b"a\\x00'\\xff\\n"`]
  ])("prints a container as Python's (%#)", (value, text) => {
    expect(repr(value)).toBe(text)
  })

  it("marks where a container holds itself, and nowhere else", () => {
    const list: Array<unknown> = [1]
    list.push(list)
    expect(repr(list)).toBe("[1, [...]]")
    const dict: { self?: unknown } = {}
    dict.self = dict
    expect(repr(dict)).toBe("{'self': {...}}")
    const shared = [0]
    expect(repr([shared, shared])).toBe("[[0], [0]]")
  })

  it("prints exceptions as the call that would make them", () => {
    expect(repr(ValueError("v"))).toBe("ValueError('v')")
    expect(repr(ValueError(1, "a"))).toBe("ValueError(1, 'a')")
    expect(repr(ValueError())).toBe("ValueError()")
    expect(repr(new TypeError("t"))).toBe("TypeError('t')")
    expect(repr(new Error())).toBe("Error()")
  })

  it("prints functions and classes by name", () => {
    function work(): void {}
    expect(repr(work)).toBe(`<function work at ${address(work)}>`)
    const nameless = [() => 1][0] as () => number
    expect(repr(nameless)).toBe(`<function <lambda> at ${address(nameless)}>`)
    expect(repr(class Thing {})).toBe("<class 'Thing'>")
    expect(repr(ValueError)).toBe("<class 'ValueError'>")
    expect(repr(callable(class Point {}))).toBe("<class 'Point'>")
  })

  it("asks the object: __repr__ first, then its own toString, else its class and address", () => {
    class Silent {}
    const silent = new Silent()
    expect(repr(silent)).toBe(`<Silent object at ${address(silent)}>`)
    expect(defaultRepr(silent)).toBe(repr(silent))
    expect(repr({ toString: () => "own", __repr__: () => "<mine>" })).toBe("<mine>")
    expect(repr({ toString: () => "own" })).toBe("own")
    expect(repr({ toString: 1 })).toBe("{'toString': 1}")
    expect(repr(new URL("http://localhost/"))).toBe("http://localhost/")
  })

  it("keeps an object's address for life and gives every object another", () => {
    const [a, b] = [{}, {}]
    expect(address(a)).toMatch(/^0x[0-9a-f]{12}$/)
    expect(address(a)).toBe(address(a))
    expect(address(a)).not.toBe(address(b))
  })
})

describe("reprlib_repr", () => {
  it.each<[unknown, string]>([
    ["x".repeat(28), `'${"x".repeat(28)}'`],
    ["x".repeat(29), `'${"x".repeat(12)}...${"x".repeat(13)}'`],
    ["x".repeat(5000), `'${"x".repeat(12)}...${"x".repeat(13)}'`],
    ["😀".repeat(40), `'${"😀".repeat(12)}...${"😀".repeat(13)}'`],
    [[1, 2, 3, 4, 5, 6, 7], "[1, 2, 3, 4, 5, 6, ...]"],
    [Object.freeze([1]), "(1,)"],
    [{ e: 5, d: 4, c: 3, b: 2, a: 1 }, "{'a': 1, 'b': 2, 'c': 3, 'd': 4, ...}"],
    [new Set([3, 1, 2]), "{1, 2, 3}"],
    [[[[[[[[1]]]]]]], "[[[[[[[...]]]]]]]"],
    [10n ** 50n, "100000000000000000...0000000000000000000"],
    [ValueError("a message that is far too long"), "ValueError('a...far too long')"]
  ])("cuts to Python's limits (%#)", (value, text) => {
    expect(reprlib_repr(value)).toBe(text)
  })

  it("survives a __repr__ that throws", () => {
    class Broken {
      __repr__(): string {
        throw new ValueError("no")
      }
    }
    const broken = new Broken()
    expect(reprlib_repr([broken])).toBe(`[<Broken instance at ${address(broken)}>]`)
  })
})

describe("numbers", () => {
  it("floatRepr prints whole numbers as floats", () => {
    expect([1, 100, -2, 1e15, 0.1, 123456.789].map(floatRepr)).toEqual([
      "1.0",
      "100.0",
      "-2.0",
      "1000000000000000.0",
      "0.1",
      "123456.789"
    ])
  })

  it.each<[number, number, string]>([
    [0.5, 0, "0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [-0.125, 2, "-0.12"],
    [-0, 1, "-0.0"],
    [-0.001, 2, "-0.00"],
    [2.675, 2, "2.67"],
    [1e22, 1, "10000000000000000000000.0"],
    [Number.POSITIVE_INFINITY, 3, "inf"]
  ])("format_float(%d, %d) rounds exact halves to even: %s", (value, digits, text) => {
    expect(format_float(value, digits)).toBe(text)
  })
})

describe("installRepr", () => {
  class Lamp {
    readonly on: boolean
    constructor(on: boolean) {
      this.on = on
    }
    __repr__(): string {
      return `<Lamp [${this.on ? "on" : "off"}]>`
    }
  }
  installRepr(Lamp)

  it("shows __repr__ in strings and in console.log, a subclass's own as well", () => {
    class Dim extends Lamp {
      override __repr__(): string {
        return "<Dim>"
      }
    }
    expect(`${new Lamp(true)}`).toBe("<Lamp [on]>")
    expect(inspect([new Lamp(false)])).toBe("[ <Lamp [off]> ]")
    expect(`${new Dim(true)} ${inspect(new Dim(true))}`).toBe("<Dim> <Dim>")
    expect(Object.keys(Lamp.prototype)).toEqual([])
  })
})

describe("typeName", () => {
  it.each<[unknown, string]>([
    [1, "int"],
    [1.5, "float"],
    ["", "str"],
    [undefined, "NoneType"],
    [true, "bool"],
    [[], "list"],
    [Object.freeze([]), "tuple"],
    [{}, "dict"],
    [new Set(), "set"],
    [() => 1, "function"],
    [ValueError, "type"],
    [(function* () {})(), "generator"],
    [new URL("http://localhost/"), "URL"]
  ])("names the type in Python's words (%#)", (value, name) => {
    expect(typeName(value)).toBe(name)
  })
})
