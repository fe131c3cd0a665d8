// CPython's `_LoopBoundMixin`: a primitive belongs to the loop in which somebody first had to wait for it. It can be made, and
// used without waiting, anywhere.

import type { EventLoop } from "../base_events.ts"
import { RuntimeError } from "../builtins.ts"
import { get_running_loop } from "../events.ts"
import { address, classNameOf, repr } from "./pyrepr.ts"

export abstract class LoopBound {
  private _loop: EventLoop | undefined = undefined

  abstract __repr__(): string

  /** The running loop, which becomes the primitive's own. */
  _get_loop(): EventLoop {
    const loop = get_running_loop()
    this._loop ??= loop
    if (loop !== this._loop) throw new RuntimeError(`${repr(this)} is bound to a different event loop`)
    return loop
  }
}

/** `<asyncio.locks.Lock object at 0x... [locked, waiters:1]>`; a subclass shows its own name. */
export const lockRepr = (primitive: object, state: string, waiters: number): string => {
  const own = Object.hasOwn(Object.getPrototypeOf(primitive) as object, "__module__")
  const name = `${own ? "asyncio.locks." : ""}${classNameOf(primitive)}`
  const line = waiters === 0 ? "" : `, waiters:${waiters}`
  return `<${name} object at ${address(primitive)} [${state}${line}]>`
}

/** Marks a class as one of Python's module `asyncio.locks`. */
export const ofLocksModule = (Class: { readonly prototype: object }): void => {
  Object.defineProperty(Class.prototype, "__module__", { value: "asyncio.locks" })
}
