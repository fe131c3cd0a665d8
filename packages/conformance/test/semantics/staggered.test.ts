// staggered_race: statement 265. CPython cancels in the order of a set (266), so one loser at a time leaves marks.

import * as asyncio from "@skein/asyncio"
import { repr, ValueError } from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

const { staggered_race } = asyncio.staggered

const imports = "from asyncio.staggered import staggered_race"
const show = "def show(answer): trace(answer[0], answer[1], *[repr(e) for e in answer[2]])"

describe("staggered_race", () => {
  it("265 starts the next attempt after the delay, or as soon as the one before it fails; cancels the losers", () =>
    same(
      `
      ${imports}
      ${show}
      def begin(name, make):
          def attempt():
              trace("begins", name)
              return make()
          return attempt
      show(await staggered_race([
          begin("a", lambda: slow_to_stop(9, 1, "a")),
          begin("b", lambda: fail(1, ValueError("v"))),
          begin("c", lambda: after(3, "c")),
          begin("d", lambda: asyncio.sleep(9))], 2))
      `,
      function* ({ trace, after, fail, slow_to_stop }) {
        const begin =
          <T>(name: string, make: () => T) =>
          (): T => {
            trace("begins", name)
            return make()
          }
        const [result, index, exceptions] = yield* staggered_race<asyncio.Coroutine<string>>(
          [
            begin("a", () => slow_to_stop(9, 1, "a")),
            begin("b", () => fail(1, new ValueError("v"))),
            begin("c", () => after(3, "c")),
            begin("d", () => asyncio.sleep(9, "d"))
          ],
          2
        )
        trace(result, index, ...exceptions.map(repr))
      }
    ))

  it("265 without a delay an attempt starts only when the one before it has failed; nobody may win", () =>
    same(
      `
      ${imports}
      ${show}
      show(await staggered_race([lambda: fail(1, ValueError("a")), lambda: after(9, "b"), lambda: after(1, "c")], None))
      show(await staggered_race([lambda: fail(1, ValueError("a")), lambda: fail(2, ValueError("b"))], 0.5))
      show(await staggered_race([], None))
      show(await staggered_race([lambda: after(0, "at once"), lambda: after(0, "too late")], 0))
      `,
      function* ({ trace, after, fail }) {
        const show = ([result, index, exceptions]: asyncio.staggered.StaggeredRaceResult<string>) =>
          trace(result, index, ...exceptions.map(repr))
        type Attempts = Array<() => asyncio.Coroutine<string>>
        const first: Attempts = [() => fail(1, new ValueError("a")), () => after(9, "b"), () => after(1, "c")]
        show(yield* staggered_race(first, null))
        const losers: Attempts = [() => fail(1, new ValueError("a")), () => fail(2, new ValueError("b"))]
        show(yield* staggered_race(losers, 0.5))
        show(yield* staggered_race([] as Attempts, undefined))
        show(yield* staggered_race([() => after(0, "at once"), () => after(0, "too late")], 0))
      }
    ))

  it("265 cancelled from outside, it cancels the attempts with the message, and awaits them", () =>
    same(
      `
      ${imports}
      race = asyncio.create_task(staggered_race([lambda: slow_to_stop(9, 2, "a"), lambda: asyncio.sleep(9)], 1))
      await asyncio.sleep(3)
      race.cancel("m")
      await outcome("race", race)
      trace(len(asyncio.all_tasks()))
      single = asyncio.create_task(staggered_race([lambda: slow_to_stop(9, 2, "a")], None))
      await asyncio.sleep(1)
      single.cancel("again")
      await outcome("single", single)
      `,
      function* ({ trace, slow_to_stop, outcome }) {
        const race = asyncio.create_task(
          staggered_race<asyncio.Coroutine<unknown>>([() => slow_to_stop(9, 2, "a"), () => asyncio.sleep(9)], 1)
        )
        yield* asyncio.sleep(3)
        race.cancel("m")
        yield* outcome("race", race)
        trace(asyncio.all_tasks().size)
        const single = asyncio.create_task(staggered_race([() => slow_to_stop(9, 2, "a")], null))
        yield* asyncio.sleep(1)
        single.cancel("again")
        yield* outcome("single", single)
      }
    ))

  it("265 works with eager tasks; an attempt that is no awaitable has failed; an iterable that fails is an ExceptionGroup", () =>
    same(
      `
      ${imports}
      ${show}
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def at_once(value):
          trace("runs", value)
          return value
      show(await staggered_race([lambda: at_once("a"), lambda: at_once("b")], 1))
      show(await staggered_race([lambda: fail(0, ValueError("v")), lambda: at_once("b")], 1))
      show(await staggered_race([lambda: 5], None))
      def attempts():
          yield lambda: after(9, "a")
          raise ValueError("no more")
      await outcome("iterable", staggered_race(attempts(), 1))
      `,
      function* ({ trace, after, fail, outcome }) {
        const show = ([result, index, exceptions]: asyncio.staggered.StaggeredRaceResult<unknown>) =>
          trace(result, index, ...exceptions.map(repr))
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        const at_once = asyncio.coroutine(function* at_once(value: string) {
          trace("runs", value)
          return value
        })
        show(yield* staggered_race([() => at_once("a"), () => at_once("b")], 1))
        const attempts: Array<() => asyncio.Coroutine<string>> = [
          () => fail(0, new ValueError("v")),
          () => at_once("b")
        ]
        show(yield* staggered_race(attempts, 1))
        show(yield* staggered_race([() => 5 as never], null))
        const ending = function* (): Generator<() => asyncio.Coroutine<string>, never, never> {
          yield () => after(9, "a")
          throw new ValueError("no more")
        }
        yield* outcome("iterable", staggered_race(ending(), 1))
      }
    ))

  it("265 a loser that swallows its cancellation and succeeds is a mistake", () =>
    same(
      `
      ${imports}
      try:
          await staggered_race([lambda: stubborn(9, "a"), lambda: after(2, "b")], 1)
      except ExceptionGroup as e:
          trace(e.message, *[type(each).__name__ for each in e.exceptions])
      `,
      function* ({ trace, after, stubborn }) {
        try {
          yield* staggered_race([() => stubborn(9, "a"), () => after(2, "b")], 1)
        } catch (error) {
          const { message, exceptions } = error as Error & { exceptions: ReadonlyArray<Error> }
          trace(message, ...exceptions.map((each) => each.name))
        }
      }
    ))
})
