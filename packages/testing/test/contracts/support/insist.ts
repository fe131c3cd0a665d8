/** Throws if what a contract says does not hold. */
export function insist(holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new Error(typeof message === "string" ? message : message())
}
