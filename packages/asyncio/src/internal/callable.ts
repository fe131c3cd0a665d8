/**
 * Classes that may be called with and without `new`, as in Python.
 *
 * `callable(Class)` makes a plain function that shares the class's prototype and inherits its statics. A Proxy would do the
 * same in three lines, but every construction and every static read would pay for it; the function costs one call.
 */

type AnyConstructor = abstract new (...args: never) => object

/** A class that can also be called as a function, with the same arguments and the same result. */
export type Callable<C extends AnyConstructor> = C & ((...args: ConstructorParameters<C>) => InstanceType<C>)

/**
 * Makes a class callable without `new`.
 *
 * The result has the class's name, statics and prototype; `instanceof`, `extends` and `prototype.constructor` work on it as on
 * the class. A subclass of it is an ordinary class (make that callable too if it shall be). In the class's constructor
 * `new.target` has the right name, statics and prototype, but it is not the subclass itself.
 *
 * A generic class loses its type parameters in the call signature: TypeScript can not carry them through
 * `ConstructorParameters`. Write the interface by hand then, and use {@link callableAs}.
 *
 * @param Class the class
 * @param name the result's name, where the class's own is taken by another declaration
 *
 * @example
 * ```ts
 * import { callable } from "./callable.ts"
 *
 * class PointClass {
 *   readonly x: number
 *   constructor(x: number) {
 *     this.x = x
 *   }
 * }
 * const Point = callable(PointClass, "Point")
 * Point(1).x // => 1
 * new Point(1) instanceof Point // => true
 * ```
 */
export const callable = <C extends AnyConstructor>(
  Class: C,
  name: string = Class.name
  // Written out, not `Callable<C>`: declarations in other packages could not name a type of an internal module.
): C & ((...args: ConstructorParameters<C>) => InstanceType<C>) => shellOf(Class, name) as Callable<C>

/**
 * {@link callable} for generic (or overloaded) classes: the type of the result is written by hand.
 *
 * Give every type parameter a default, or `class Mine extends Box` will have to name them.
 *
 * @example
 * ```ts
 * import { callableAs } from "./callable.ts"
 *
 * class BoxClass<T> {
 *   readonly value: T
 *   constructor(value: T) {
 *     this.value = value
 *   }
 * }
 * export interface Box<T> extends BoxClass<T> {}
 * export interface BoxConstructor {
 *   new <T = unknown>(value: T): Box<T>
 *   <T = unknown>(value: T): Box<T>
 *   readonly prototype: Box<unknown>
 * }
 * export const Box = callableAs<BoxConstructor>(BoxClass, "Box")
 * Box("a").value.length // => 1
 * ```
 */
export const callableAs = <Shape extends AnyConstructor>(
  Class: abstract new (...args: never) => InstanceType<Shape>,
  name: string = Class.name
): Shape => shellOf(Class, name) as unknown as Shape

const classes = new WeakSet<object>()

/** True for what `callable` made, which looks like a plain function to everybody else. */
export const isCallableClass = (value: unknown): boolean => typeof value === "function" && classes.has(value)

/** Dresses a function up as the class `name` over `prototype`; statics come from `Parent`. */
export const dressAsClass = (shell: object, name: string, length: number, prototype: object, Parent: object): void => {
  Object.setPrototypeOf(shell, Parent)
  Object.defineProperty(shell, "name", { value: name, configurable: true })
  Object.defineProperty(shell, "length", { value: length, configurable: true })
  Object.defineProperty(shell, "prototype", { value: prototype, writable: false, enumerable: false })
  Object.defineProperty(prototype, "constructor", { value: shell, writable: true, configurable: true })
  classes.add(shell)
}

type Constructor = new (...args: ReadonlyArray<unknown>) => object

const shellOf = (Class: abstract new (...args: never) => object, name: string): object => {
  const Concrete = Class as unknown as Constructor
  // V8 remembers with a subclass what its instances look like, for one base constructor only. The shell and the class below it
  // would push each other out of that memory at every construction (measured: 700 ns instead of 70), so the class is
  // given a stand-in of the same prototype.
  const standIns = new WeakMap<object, Constructor>()
  const standInFor = (Subclass: Constructor): Constructor => {
    let standIn = standIns.get(Subclass)
    if (standIn === undefined) {
      standIn = makeStandIn(Subclass)
      standIns.set(Subclass, standIn)
    }
    return standIn
  }
  // The prototype is shared, so `new Concrete` gives the same object as Reflect.construct would, and is faster. Only a subclass
  // needs its own `new.target`.
  function shell(...args: ReadonlyArray<unknown>): object {
    const target = new.target as unknown as Constructor | undefined
    return target === undefined || target === (shell as unknown)
      ? new Concrete(...args)
      : Reflect.construct(Concrete, args, standInFor(target))
  }
  dressAsClass(shell, name, Class.length, Class.prototype as object, Class)
  return shell
}

const makeStandIn = (Subclass: Constructor): Constructor => {
  function standIn(): void {}
  standIn.prototype = Subclass.prototype
  Object.defineProperty(standIn, "name", { value: Subclass.name, configurable: true })
  // Statics that a constructor reads from `new.target` are the subclass's.
  Object.setPrototypeOf(standIn, Subclass)
  return standIn as unknown as Constructor
}
