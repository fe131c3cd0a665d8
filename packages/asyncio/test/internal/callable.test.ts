import { describe, expect, expectTypeOf, it } from "vitest"
import { callable, callableAs } from "../../src/internal/callable.ts"

class PointClass {
  static readonly origin = "0,0"
  static of(x: number): PointClass {
    return Point(x, 0)
  }
  readonly x: number
  readonly y: number
  #secret = 1
  constructor(x: number, y = 0) {
    this.x = x
    this.y = y
  }
  reveal(): number {
    return this.#secret
  }
}
const Point = callable(PointClass, "Point")

class BoxClass<T> {
  readonly value: T
  constructor(value: T) {
    this.value = value
  }
}
interface Box<T> extends BoxClass<T> {}
interface BoxConstructor {
  new <T>(value: T): Box<T>
  <T>(value: T): Box<T>
  readonly prototype: Box<unknown>
}
const Box = callableAs<BoxConstructor>(BoxClass, "Box")

describe("a callable class", () => {
  it("makes the same instances with and without new", () => {
    for (const point of [Point(1, 2), new Point(1, 2)]) {
      expect([point.x, point.y, point.reveal()]).toEqual([1, 2, 1])
      expect(point).toBeInstanceOf(Point)
      expect(point).toBeInstanceOf(PointClass)
      expect(Object.getPrototypeOf(point)).toBe(Point.prototype)
    }
  })

  it("has the class's name, length, statics and prototype, and is its instances' constructor", () => {
    expect(Point.name).toBe("Point")
    expect(callable(PointClass).name).toBe("PointClass")
    expect(Point).toHaveLength(1)
    expect(Point.origin).toBe("0,0")
    expect(Point.of(3).x).toBe(3)
    const Own = callable(class Own {})
    expect(new Own().constructor).toBe(Own)
    expect(Own.prototype.constructor).toBe(Own)
  })

  it("can be extended, and a subclass's instances are of both classes", () => {
    class Named extends Point {
      readonly name: string
      constructor(name: string, x: number) {
        super(x, 7)
        this.name = name
      }
    }
    class Deep extends Named {}
    const deep = new Deep("d", 4)
    expect([deep.name, deep.x, deep.y, deep.reveal()]).toEqual(["d", 4, 7, 1])
    expect(deep).toBeInstanceOf(Point)
    expect(deep).toBeInstanceOf(Named)
    expect(Point(1)).not.toBeInstanceOf(Named)
    expect(Deep.origin).toBe("0,0")
    expect(deep.constructor).toBe(Deep)
  })

  it("shows a subclass's name, statics and prototype to the constructor's new.target", () => {
    let seen: unknown
    const Base = callable(
      class Base {
        constructor() {
          seen = [new.target.name, (new.target as unknown as { tag: string }).tag, new.target.prototype]
        }
      }
    )
    class Sub extends Base {
      static readonly tag = "t"
    }
    new Sub()
    expect(seen).toEqual(["Sub", "t", Sub.prototype])
  })

  it("can be made of a subclass of a callable class", () => {
    const Sub = callable(class Sub extends Point {})
    expect(Sub(5).x).toBe(5)
    expect(Sub(5)).toBeInstanceOf(Sub)
    expect(Sub(5)).toBeInstanceOf(Point)
  })

  it("is typed like the class, generic ones by a hand-written interface", () => {
    expectTypeOf(Point(1)).toEqualTypeOf<PointClass>()
    expectTypeOf(new Point(1)).toEqualTypeOf<PointClass>()
    expectTypeOf(Point).parameters.toEqualTypeOf<[x: number, y?: number | undefined]>()
    expectTypeOf(Box("a").value).toEqualTypeOf<string>()
    expectTypeOf(new Box(1)).toEqualTypeOf<Box<number>>()
    class Mine<T> extends Box<T> {}
    expectTypeOf(new Mine(true).value).toEqualTypeOf<boolean>()
    // @ts-expect-error the result must be a shape of the class
    const wrong = callableAs<new () => { readonly other: number }>(BoxClass)
    expect(wrong).toBeTypeOf("function")
    expect(Box("a")).toBeInstanceOf(Box)
  })
})
