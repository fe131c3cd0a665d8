// The exports that have to do with effects or awaitables and stand in no line of the page, with why.

const doesNotWait = "does not wait"
const promise = "a promise of code that is outside of all tasks, which nobody can cancel"

const named = (why: string, names: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, why])
  )

export const coreOthers: Readonly<Record<string, string>> = {
  ...named(
    doesNotWait,
    `Barrier.abort Barrier.make Barrier.reset Barrier.statistics CancelScope.deadline CancelScope.remaining Condition.make
    Condition.notify Condition.notifyAll Condition.statistics Event.clear Event.isSet Event.make Event.set Event.statistics
    Lock.isLocked Lock.make Lock.release Lock.statistics Lock.tryAcquire Queue.isEmpty Queue.isFull Queue.isShutdown Queue.make
    Queue.makeLifo Queue.makePriority Queue.shutdown Queue.size Queue.statistics Queue.taskDone Queue.tryPut Queue.tryTake
    Semaphore.available Semaphore.make Semaphore.makeUnbounded Semaphore.release Semaphore.statistics Semaphore.tryAcquire
    Task.children Task.current Task.spawn Task.status VirtualTime.now VirtualTime.timers`
  ),
  ...named(
    promise,
    "FairScheduler.runPromise FairScheduler.runPromiseExit VirtualTime.runPromise VirtualTime.runPromiseExit"
  )
}

export const asyncioOthers: Readonly<Record<string, string>> = {
  ...named(
    doesNotWait,
    `Acquirable.__aexit__ Barrier.__aexit__ EventLoop.create_future EventLoop.shutdown_default_executor FutureConstructor.new
    FutureConstructor.prototype TaskGroup.__aenter__ Timeout.__aenter__ Timeout.__aexit__ coroutine isawaitable isfuture
    contextlib.AsyncExitStack.__aenter__ contextlib.Nullcontext.__aenter__ contextlib.Nullcontext.__aexit__
    contextlib.AbstractAsyncContextManager.__aenter__ contextlib.Aclosing.__aenter__ ExceptionContext.task`
  ),
  ...named(
    promise,
    `run run_coroutine_threadsafe to_promise EventLoop.run_forever EventLoop.run_until_complete Runner.close Runner.run
    unittest.IsolatedAsyncioTestCase.run`
  ),
  ...named(
    "what others implement",
    `AsyncContextManager.__aenter__ AsyncContextManager.__aexit__ AsyncIteratorLike.__anext__ ConditionLock.acquire
    contextlib.AbstractAsyncContextManager.__aexit__ contextlib.Aclosable.aclose`
  ),
  "Acquirable.__aenter__": "Lock.__aenter__, Semaphore.__aenter__ and Condition.__aenter__",
  "_AsCompletedIterator.__anext__": "as_completed, in async_for",
  "contextlib.Aclosing.__aexit__": "contextlib.aclosing.__aexit__",
  "contextlib.AsyncGeneratorContextManager.__aenter__": "contextlib.asynccontextmanager",
  "contextlib.AsyncGeneratorContextManager.__aexit__": "contextlib.asynccontextmanager",
  "contextlib.AsyncContextDecorator.__call__": "as async_with",
  "unittest.IsolatedAsyncioTestCase.enterAsyncContext": "as contextlib.AsyncExitStack.enter_async_context"
}
