// What a loop knows of asynchronous generators: those that were begun in it and have not ended, in order of their first
// iteration. A generator that the program has dropped is closed by the loop once the garbage collector tells of it; CPython
// sees that at once, JavaScript some time later. On virtual time the collector is not asked, since two runs of one program
// would differ: there (and where the collector comes too late) dropped generators are closed at the end of the run.

import type { EventLoop } from "../base_events.ts"
import { Exception, ResourceWarning } from "../builtins.ts"
import type { CoroutineLike } from "../coroutines.ts"
import { gather } from "../gather.ts"
import { warn } from "../warnings.ts"
import { repr } from "./pyrepr.ts"
import { getRunningLoop } from "./running.ts"

/** The inner half of an asynchronous generator: what outlives the object that the program holds. */
export interface LiveGenerator {
  /** The loop it was begun in; set here. */
  _loop: EventLoop | undefined
  /** Whether the garbage collector will tell when the object is dropped; set here. */
  _registered: boolean
  /** The object that the program holds, or a new one if that is gone. */
  _object(): ClosableGenerator
}

export interface ClosableGenerator {
  aclose(): CoroutineLike
}

const dropped = new FinalizationRegistry<LiveGenerator>((generator) => {
  const loop = generator._loop
  if (loop?._asyncgens.delete(generator) !== true || loop.is_closed()) return
  loop.call_soon_threadsafe(() => {
    void loop.create_task(generator._object().aclose())
  })
})

/**
 * The first iteration of a generator: the running loop, if there is one, takes charge of it.
 *
 * @param watch - whether the garbage collector is to tell when the object is dropped
 * @returns whether it is: then nothing that lives as long as the loop may hold the object
 */
export const generatorBegan = (generator: LiveGenerator, object: ClosableGenerator, watch: boolean): boolean => {
  const loop = getRunningLoop()
  if (loop === undefined) return false
  if (loop._asyncgens_shutdown_called) {
    warn(ResourceWarning, `asynchronous generator ${repr(object)} was scheduled after loop.shutdown_asyncgens() call`)
  }
  generator._loop = loop
  loop._asyncgens.add(generator)
  if (!watch || loop._is_virtual) return false
  dropped.register(object, generator, generator)
  generator._registered = true
  return true
}

/** A generator has ended: nobody needs to close it any more. */
export const generatorEnded = (generator: LiveGenerator): void => {
  const loop = generator._loop
  if (loop === undefined) return
  generator._loop = undefined
  loop._asyncgens.delete(generator)
  if (generator._registered) dropped.unregister(generator)
}

/** Closes the generators of `loop` that have not ended, all at once; what goes wrong is told to the exception handler. */
export function* shutdownAsyncGenerators(loop: EventLoop): Generator<unknown, void, unknown> {
  if (loop._asyncgens.size === 0) return
  const closing = [...loop._asyncgens].map((generator) => generator._object())
  loop._asyncgens.clear()
  const results: ReadonlyArray<unknown> = yield* gather(...closing.map((object) => object.aclose()), {
    return_exceptions: true
  })
  for (const [index, result] of results.entries()) {
    if (!(result instanceof Exception)) continue
    const asyncgen = closing[index] as ClosableGenerator
    loop.call_exception_handler({
      message: `an error occurred during closing of asynchronous generator ${repr(asyncgen)}`,
      exception: result,
      asyncgen
    })
  }
}
