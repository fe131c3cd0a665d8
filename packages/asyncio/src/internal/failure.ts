/** An error that left a block of code. */
export interface Failure {
  readonly error: unknown
}

/**
 * What the first two arguments of `__aexit__` say. JavaScript can throw `undefined` too: then it is the class that tells, if there
 * is one.
 */
export const failureOf = (exc_type: unknown, exc: unknown): Failure | undefined =>
  (exc ?? exc_type ?? undefined) === undefined ? undefined : { error: exc }
