// TaskGroup: statements 136 to 154. An abort goes by the order of a set (266), so it finds one child
// at a time that leaves marks. A group awaits its tasks: @effect-diagnostics floatingEffect:off

import * as asyncio from "@skein/asyncio"
import {
  BaseException,
  type BaseExceptionGroup,
  KeyboardInterrupt,
  KeyError,
  repr,
  SystemExit,
  ValueError
} from "@skein/asyncio/builtins"
import { describe, it } from "vitest"
import { same } from "../support/both.ts"

const { async_with, TaskGroup } = asyncio

describe("TaskGroup", () => {
  it("136 waits for all children, those included that children start meanwhile", () =>
    same(
      `
      async def parent(group):
          await after(1, "parent")
          group.create_task(after(5, "grandchild"))
          trace(repr(group))
      async with asyncio.TaskGroup() as group:
          group.create_task(parent(group))
          group.create_task(after(2, "child"))
      trace("end", repr(group))
      `,
      function* ({ trace, after }) {
        const parent = asyncio.coroutine(function* parent(group: asyncio.TaskGroup) {
          yield* after(1, "parent")
          group.create_task(after(5, "grandchild"))
          trace(repr(group))
        })
        const group = TaskGroup()
        yield* async_with(group, function* () {
          group.create_task(parent(group))
          group.create_task(after(2, "child"))
        })
        trace("end", repr(group))
      }
    ))

  it("137 does not suspend on exit when no child is left", () =>
    same(
      `
      asyncio.get_running_loop().call_soon(trace, "the next pass")
      async with asyncio.TaskGroup():
          trace("body")
      trace("end")
      async with asyncio.TaskGroup() as group:
          await group.create_task(after(1, "child"))
      trace("end")
      `,
      function* ({ trace, after }) {
        asyncio.get_running_loop().call_soon(trace, "the next pass")
        yield* async_with(TaskGroup(), function* () {
          trace("body")
        })
        trace("end")
        yield* async_with(TaskGroup(), function* (group) {
          yield* group.create_task(after(1, "child"))
        })
        trace("end")
      }
    ))

  it("138 139 the first error cancels the other children and the body, once, and leaves no request behind", () =>
    same(
      `
      try:
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 2, "slow"))
              group.create_task(fail(1, ValueError("v")))
              group.create_task(asyncio.sleep(9))
              try:
                  await after(9, "body")
              except asyncio.CancelledError:
                  trace(requests(), repr(group))
                  raise
      except ExceptionGroup as e:
          trace(shape(e), requests())
      try:
          async with asyncio.TaskGroup() as group:
              group.create_task(after(9, "other"))
              group.create_task(fail(1, ValueError("during the exit")))
      except ExceptionGroup as e:
          trace(shape(e), requests(), chain(e))
      await asyncio.sleep(1)
      `,
      function* ({ trace, after, fail, slow_to_stop, shape, chain, requests }) {
        const group = TaskGroup()
        try {
          yield* async_with(group, function* () {
            group.create_task(slow_to_stop(9, 2, "slow"))
            group.create_task(fail(1, new ValueError("v")))
            group.create_task(asyncio.sleep(9))
            try {
              yield* after(9, "body")
            } catch (error) {
              trace(requests(), repr(group))
              throw error
            }
          })
        } catch (error) {
          trace(shape(error), requests())
        }
        try {
          yield* async_with(TaskGroup(), function* (group) {
            group.create_task(after(9, "other"))
            group.create_task(fail(1, new ValueError("during the exit")))
          })
        } catch (error) {
          trace(shape(error), requests(), chain(error))
        }
        yield* asyncio.sleep(1)
      }
    ))

  it("140 holds the children's errors as they were noticed, the body's last; its context is what left the body", () =>
    same(
      `
      try:
          async with asyncio.TaskGroup() as group:
              group.create_task(break_on_cancel(9, KeyError("third")))
              group.create_task(fail(2, ValueError("first")))
              group.create_task(fail(2, ValueError("second")))
              try:
                  await after(9)
              except asyncio.CancelledError:
                  raise KeyError("body") from None
      except ExceptionGroup as e:
          trace([str(each) for each in e.exceptions] == ["first", "second", "'third'", "'body'"])
          trace(repr(e), e.__cause__ is None, repr(e.__context__))
      `,
      function* ({ trace, after, fail, break_on_cancel }) {
        try {
          yield* async_with(TaskGroup(), function* (group) {
            group.create_task(break_on_cancel(9, new KeyError("third")))
            group.create_task(fail(2, new ValueError("first")))
            group.create_task(fail(2, new ValueError("second")))
            try {
              yield* after(9)
            } catch {
              throw new KeyError("body")
            }
          })
        } catch (error) {
          const { exceptions, cause, __context__ } = error as BaseExceptionGroup
          const texts = exceptions.map((each) => each.message).join()
          trace(texts === "first,second,'third','body'")
          trace(repr(error), cause === undefined, repr(__context__))
        }
      }
    ))

  it("141 an error of the body cancels the children, and comes in a group even when it is the only one", () =>
    same(
      `
      async def body_fails():
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 1, "child"))
              await asyncio.sleep(1)
              raise ValueError("body")
      await outcome("with a child", body_fails())
      async def no_child():
          async with asyncio.TaskGroup() as group:
              raise ValueError("body")
      await outcome("without", no_child())
      trace(requests())
      `,
      function* ({ trace, slow_to_stop, outcome, requests }) {
        const body_fails = async_with(TaskGroup(), function* (group) {
          group.create_task(slow_to_stop(9, 1, "child"))
          yield* asyncio.sleep(1)
          throw new ValueError("body")
        })
        yield* outcome("with a child", body_fails)
        const no_child = async_with(TaskGroup(), function* () {
          throw new ValueError("body")
        })
        yield* outcome("without", no_child)
        trace(requests())
      }
    ))

  it("141 children that fail while the group shuts down do not cancel the parent", () =>
    same(
      `
      parent = asyncio.current_task()
      async def watching():
          try:
              await asyncio.sleep(9)
          finally:
              await asyncio.sleep(1)
              trace(parent.cancelling())
      try:
          async with asyncio.TaskGroup() as group:
              group.create_task(break_on_cancel(9, KeyError("child")))
              group.create_task(watching())
              await asyncio.sleep(1)
              raise ValueError("body")
      except ExceptionGroup as e:
          trace(len(e.exceptions), requests())
      `,
      function* ({ trace, break_on_cancel, requests }) {
        const parent = asyncio.current_task() as asyncio.Task
        const watching = asyncio.coroutine(function* watching() {
          try {
            yield* asyncio.sleep(9)
          } finally {
            yield* asyncio.sleep(1)
            trace(parent.cancelling())
          }
        })
        try {
          yield* async_with(TaskGroup(), function* (group) {
            group.create_task(break_on_cancel(9, new KeyError("child")))
            group.create_task(watching())
            yield* asyncio.sleep(1)
            throw new ValueError("body")
          })
        } catch (error) {
          trace((error as BaseExceptionGroup).exceptions.length, requests())
        }
      }
    ))

  it("142 a child that is cancelled, or raises CancelledError itself, is no error", () =>
    same(
      `
      async with asyncio.TaskGroup() as group:
          cancelled = group.create_task(after(9, "cancelled"))
          group.create_task(fail(1, asyncio.CancelledError("own")))
          sibling = group.create_task(after(3, "sibling"))
          await asyncio.sleep(2)
          cancelled.cancel()
      trace(cancelled.cancelled(), sibling.result(), requests())
      `,
      function* ({ trace, after, fail, requests }) {
        const [cancelled, sibling] = yield* async_with(TaskGroup(), function* (group) {
          const cancelled = group.create_task(after(9, "cancelled"))
          group.create_task(fail(1, new asyncio.CancelledError("own")))
          const sibling = group.create_task(after(3, "sibling"))
          yield* asyncio.sleep(2)
          cancelled.cancel()
          return [cancelled, sibling] as const
        })
        trace(cancelled.cancelled(), sibling.result(), requests())
      }
    ))

  it("143 cancelled from outside, in the body and in the exit: children first, then CancelledError with its message", () =>
    same(
      `
      async def grouped(body):
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 2, "child"))
              await asyncio.sleep(body)
      for body in (9, 0):
          task = asyncio.create_task(grouped(body))
          await asyncio.sleep(1)
          task.cancel("outside")
          await outcome("task", task)
          trace(task.cancelling(), task.cancelled())
      `,
      function* ({ trace, slow_to_stop, outcome }) {
        for (const body of [9, 0]) {
          const task = asyncio.create_task(
            async_with(TaskGroup(), function* (group) {
              group.create_task(slow_to_stop(9, 2, "child"))
              yield* asyncio.sleep(body)
            })
          )
          yield* asyncio.sleep(1)
          task.cancel("outside")
          yield* outcome("task", task)
          trace(task.cancelling(), task.cancelled())
        }
      }
    ))

  it("143 cancelled from outside again and again during the exit", () =>
    same(
      `
      async def grouped():
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 5, "child"))
      task = asyncio.create_task(grouped())
      await asyncio.sleep(1)
      for n in range(3):
          task.cancel(f"outside {n}")
          await asyncio.sleep(1)
      await outcome("task", task)
      trace(task.cancelling())
      `,
      function* ({ trace, slow_to_stop, outcome }) {
        const task = asyncio.create_task(
          async_with(TaskGroup(), function* (group) {
            group.create_task(slow_to_stop(9, 5, "child"))
          })
        )
        yield* asyncio.sleep(1)
        for (let n = 0; n < 3; n++) {
          task.cancel(`outside ${n}`)
          yield* asyncio.sleep(1)
        }
        yield* outcome("task", task)
        trace(task.cancelling())
      }
    ))

  it("144 cancelled from outside while a child fails: the group wins, and the next suspension is cancelled", () =>
    same(
      `
      async def grouped():
          try:
              async with asyncio.TaskGroup() as group:
                  group.create_task(break_on_cancel(9, ValueError("v")))
                  await after(9, "body")
          except ExceptionGroup as e:
              trace(shape(e), requests())
          try:
              await after(1, "next")
          finally:
              trace(requests())
      task = asyncio.create_task(grouped())
      await asyncio.sleep(1)
      task.cancel("outside")
      await outcome("task", task)
      `,
      function* ({ trace, after, break_on_cancel, shape, outcome, requests }) {
        const grouped = asyncio.coroutine(function* grouped() {
          try {
            yield* async_with(TaskGroup(), function* (group) {
              group.create_task(break_on_cancel(9, new ValueError("v")))
              yield* after(9, "body")
            })
          } catch (error) {
            trace(shape(error), requests())
          }
          try {
            yield* after(1, "next")
          } finally {
            trace(requests())
          }
        })
        const task = asyncio.create_task(grouped())
        yield* asyncio.sleep(1)
        task.cancel("outside")
        yield* outcome("task", task)
      }
    ))

  it("144 an outside cancellation in the pass in which a child fails, before it and after it", () =>
    same(
      `
      loop = asyncio.get_running_loop()
      async def grouped(where):
          try:
              async with asyncio.TaskGroup() as group:
                  group.create_task(fail(2, ValueError("v")))
                  if where == "body":
                      await after(9, "body")
          finally:
              trace(requests())
      async def race(where, early):
          task = asyncio.create_task(grouped(where))
          if not early:
              await asyncio.sleep(0)
              await asyncio.sleep(0)
          loop.call_later(2, task.cancel, "outside")
          await outcome("task", task)
          trace(task.cancelling())
      for where in ("body", "exit"):
          await race(where, True)
          await race(where, False)
      `,
      function* ({ trace, after, fail, outcome, requests }) {
        const loop = asyncio.get_running_loop()
        const grouped = asyncio.coroutine(function* grouped(where: string) {
          try {
            yield* async_with(TaskGroup(), function* (group) {
              group.create_task(fail(2, new ValueError("v")))
              if (where === "body") yield* after(9, "body")
            })
          } finally {
            trace(requests())
          }
        })
        const race = asyncio.coroutine(function* race(where: string, early: boolean) {
          const task = asyncio.create_task(grouped(where))
          if (!early) {
            yield* asyncio.sleep(0)
            yield* asyncio.sleep(0)
          }
          loop.call_later(2, () => task.cancel("outside"))
          yield* outcome("task", task)
          trace(task.cancelling())
        })
        for (const where of ["body", "exit"]) {
          yield* race(where, true)
          yield* race(where, false)
        }
      }
    ))

  it("145 a body that swallows the group's cancellation goes on to its end; the group still raises", () =>
    same(
      `
      async def grouped():
          async with asyncio.TaskGroup() as group:
              group.create_task(fail(1, ValueError("v")))
              await stubborn(9, "body")
              trace(requests(), repr(group))
              await after(5, "rest of the body")
      await outcome("group", grouped())
      trace(requests())
      `,
      function* ({ trace, after, fail, stubborn, outcome, requests }) {
        const grouped = async_with(TaskGroup(), function* (group) {
          group.create_task(fail(1, new ValueError("v")))
          yield* stubborn(9, "body")
          trace(requests(), repr(group))
          yield* after(5, "rest of the body")
        })
        yield* outcome("group", grouped)
        trace(requests())
      }
    ))

  it("146 SystemExit and KeyboardInterrupt of the body leave bare, after the clean-up", () =>
    same(
      `
      for error in (SystemExit(3), KeyboardInterrupt("k")):
          async def grouped():
              async with asyncio.TaskGroup() as group:
                  group.create_task(slow_to_stop(9, 1, "child"))
                  await asyncio.sleep(1)
                  raise error
          try:
              await grouped()
          except BaseException as e:
              trace(repr(e), requests())
      `,
      function* ({ trace, slow_to_stop, requests }) {
        for (const error of [new SystemExit(3), new KeyboardInterrupt("k")]) {
          try {
            yield* async_with(TaskGroup(), function* (group) {
              group.create_task(slow_to_stop(9, 1, "child"))
              yield* asyncio.sleep(1)
              throw error
            })
          } catch (thrown) {
            trace(repr(thrown), requests())
          }
        }
      }
    ))

  it("146 KeyboardInterrupt of a child ends the run at once; the clean-up follows", () =>
    same(
      `
      async with asyncio.TaskGroup() as group:
          group.create_task(after(9, "other"))
          group.create_task(fail(1, KeyboardInterrupt("k")))
          await after(9, "body")
      `,
      function* ({ after, fail }) {
        yield* async_with(TaskGroup(), function* (group) {
          group.create_task(after(9, "other"))
          group.create_task(fail(1, new KeyboardInterrupt("k")))
          yield* after(9, "body")
        })
      },
      // asyncio.run cancels what is left in the order of a set.
      { ignore: ["marks"] }
    ))

  it("146 another BaseException goes into a BaseExceptionGroup", () =>
    same(
      `
      async def grouped():
          async with asyncio.TaskGroup() as group:
              group.create_task(fail(1, BaseException("b")))
              group.create_task(fail(1, ValueError("v")))
      await outcome("group", grouped())
      `,
      function* ({ fail, outcome }) {
        const grouped = async_with(TaskGroup(), function* (group) {
          group.create_task(fail(1, new BaseException("b")))
          group.create_task(fail(1, new ValueError("v")))
        })
        yield* outcome("group", grouped)
      }
    ))

  it("147 the body's own CancelledError cancels the children and goes out", () =>
    same(
      `
      async def grouped():
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 1, "child"))
              await asyncio.sleep(1)
              raise asyncio.CancelledError("own")
      await outcome("group", grouped())
      trace(requests())
      `,
      function* ({ trace, slow_to_stop, outcome, requests }) {
        const grouped = async_with(TaskGroup(), function* (group) {
          group.create_task(slow_to_stop(9, 1, "child"))
          yield* asyncio.sleep(1)
          throw new asyncio.CancelledError("own")
        })
        yield* outcome("group", grouped)
        trace(requests())
      }
    ))

  it("148 nested: the inner group is a member of the outer one; an outer child's error passes through the inner", () =>
    same(
      `
      async def inner_fails():
          async with asyncio.TaskGroup() as outer:
              outer.create_task(slow_to_stop(9, 1, "outer child"))
              async with asyncio.TaskGroup() as inner:
                  inner.create_task(fail(1, ValueError("inner")))
                  inner.create_task(after(9, "inner child"))
      await outcome("inner fails", inner_fails())
      async def outer_fails():
          async with asyncio.TaskGroup() as outer:
              outer.create_task(fail(1, ValueError("outer")))
              try:
                  async with asyncio.TaskGroup() as inner:
                      inner.create_task(slow_to_stop(9, 1, "inner child"))
              except BaseException as e:
                  trace(shape(e), requests())
                  raise
      await outcome("outer fails", outer_fails())
      async def both_fail():
          async with asyncio.TaskGroup() as outer:
              outer.create_task(fail(1, ValueError("outer")))
              async with asyncio.TaskGroup() as inner:
                  inner.create_task(fail(1, ValueError("inner")))
                  await after(9, "body")
      await outcome("both fail", both_fail())
      trace(requests())
      `,
      function* ({ trace, after, fail, slow_to_stop, outcome, shape, requests }) {
        const inner_fails = async_with(TaskGroup(), function* (outer) {
          outer.create_task(slow_to_stop(9, 1, "outer child"))
          yield* async_with(TaskGroup(), function* (inner) {
            inner.create_task(fail(1, new ValueError("inner")))
            inner.create_task(after(9, "inner child"))
          })
        })
        yield* outcome("inner fails", inner_fails)
        const outer_fails = async_with(TaskGroup(), function* (outer) {
          outer.create_task(fail(1, new ValueError("outer")))
          try {
            yield* async_with(TaskGroup(), function* (inner) {
              inner.create_task(slow_to_stop(9, 1, "inner child"))
            })
          } catch (error) {
            trace(shape(error), requests())
            throw error
          }
        })
        yield* outcome("outer fails", outer_fails)
        const both_fail = async_with(TaskGroup(), function* (outer) {
          outer.create_task(fail(1, new ValueError("outer")))
          yield* async_with(TaskGroup(), function* (inner) {
            inner.create_task(fail(1, new ValueError("inner")))
            yield* after(9, "body")
          })
        })
        yield* outcome("both fail", both_fail)
        trace(requests())
      }
    ))

  it("149 create_task refuses before the entry, after the end, and while shutting down; it closes the coroutine", () =>
    same(
      `
      def attempt(group):
          try:
              group.create_task(after(1))
          except RuntimeError as e:
              trace(str(e))
      group = asyncio.TaskGroup()
      attempt(group)
      async with group:
          pass
      attempt(group)
      try:
          async with asyncio.TaskGroup() as group:
              group.create_task(slow_to_stop(9, 1, "child"))
              group.create_task(fail(1, ValueError("v")))
              try:
                  await after(9)
              finally:
                  attempt(group)
      except ExceptionGroup as e:
          trace(shape(e))
          attempt(group)
      `,
      function* ({ trace, after, fail, slow_to_stop, shape }) {
        const attempt = (group: asyncio.TaskGroup) => {
          try {
            group.create_task(after(1))
          } catch (error) {
            trace((error as Error).message)
          }
        }
        const calm = TaskGroup()
        attempt(calm)
        yield* async_with(calm, function* () {})
        attempt(calm)
        const group = new TaskGroup()
        try {
          yield* async_with(group, function* () {
            group.create_task(slow_to_stop(9, 1, "child"))
            group.create_task(fail(1, new ValueError("v")))
            try {
              yield* after(9)
            } finally {
              attempt(group)
            }
          })
        } catch (error) {
          trace(shape(error))
          attempt(group)
        }
      }
    ))

  it("150 is entered once, and inside a task", () =>
    same(
      `
      group = asyncio.TaskGroup()
      async def enter():
          async with group:
              pass
      await enter()
      await outcome("again", enter())
      def outside():
          try:
              asyncio.TaskGroup().__aenter__().send(None)
          except RuntimeError as e:
              trace(str(e))
      asyncio.get_running_loop().call_soon(outside)
      await asyncio.sleep(0)
      await asyncio.sleep(0)
      `,
      function* ({ trace, outcome }) {
        const group = TaskGroup()
        const enter = () => async_with(group, function* () {})
        yield* enter()
        yield* outcome("again", enter())
        asyncio.get_running_loop().call_soon(() => {
          try {
            TaskGroup().__aenter__()._begin().next()
          } catch (error) {
            trace((error as Error).message)
          }
        })
        yield* asyncio.sleep(0)
        yield* asyncio.sleep(0)
      }
    ))

  it("151 shows its state", () =>
    same(
      `
      group = asyncio.TaskGroup()
      print(group)
      try:
          async with group:
              print(repr(group))
              group.create_task(fail(1, ValueError("v")))
              print(group)
              group.create_task(slow_to_stop(5, 1))
              try:
                  await after(9)
              finally:
                  print(group)
      except ExceptionGroup:
          print(group)
      `,
      function* ({ print, after, fail, slow_to_stop }) {
        const group = TaskGroup()
        print(group)
        try {
          yield* async_with(group, function* () {
            print(repr(group))
            group.create_task(fail(1, new ValueError("v")))
            print(group)
            group.create_task(slow_to_stop(5, 1))
            try {
              yield* after(9)
            } finally {
              print(group)
            }
          })
        } catch {
          print(group)
        }
      }
    ))

  it("153 a child that fails after the parent has ended goes to the exception handler", () =>
    same(
      `
      async def leaves():
          group = asyncio.TaskGroup()
          await group.__aenter__()
          group.create_task(fail(1, ValueError("v")), name="child")
      def handler(loop, context):
          trace(sorted(context) == ["exception", "message", "task"], repr(context["exception"]))
          trace("has errored out but its parent task" in context["message"])
      asyncio.get_running_loop().set_exception_handler(handler)
      await asyncio.create_task(leaves(), name="parent")
      await asyncio.sleep(5)
      `,
      function* ({ trace, fail }) {
        const leaves = asyncio.coroutine(function* leaves() {
          const group = TaskGroup()
          yield* group.__aenter__()
          group.create_task(fail(1, new ValueError("v")), { name: "child" })
        })
        asyncio.get_running_loop().set_exception_handler((_, context) => {
          trace(Object.keys(context).sort().join() === "exception,message,task", repr(context.exception))
          trace(context.message?.includes("has errored out but its parent task") === true)
        })
        yield* asyncio.create_task(leaves(), { name: "parent" })
        yield* asyncio.sleep(5)
      }
    ))

  it("154 an eager child that has ended reports in the next pass, and cancels the body at its next suspension", () =>
    same(
      `
      asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
      async def at_once(value):
          trace("runs", value)
          return value
      async def fails():
          raise ValueError("v")
      async with asyncio.TaskGroup() as group:
          task = group.create_task(at_once("a"))
          trace(task.done(), repr(group))
      async def grouped():
          async with asyncio.TaskGroup() as group:
              group.create_task(fails())
              trace("the body goes on", requests(), repr(group))
              await asyncio.sleep(0)
              trace("one pass later", requests())
              await asyncio.sleep(0)
              trace("not reached")
      await outcome("group", grouped())
      trace(requests())
      `,
      function* ({ trace, outcome, requests }) {
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        const at_once = asyncio.coroutine(function* at_once(value: string) {
          trace("runs", value)
          return value
        })
        const fails = asyncio.coroutine(function* fails() {
          throw new ValueError("v")
        })
        yield* async_with(TaskGroup(), function* (group) {
          const task = group.create_task(at_once("a"))
          trace(task.done(), repr(group))
        })
        const grouped = async_with(TaskGroup(), function* (group) {
          group.create_task(fails())
          trace("the body goes on", requests(), repr(group))
          yield* asyncio.sleep(0)
          trace("one pass later", requests())
          yield* asyncio.sleep(0)
          trace("not reached")
        })
        yield* outcome("group", grouped)
        trace(requests())
      }
    ))

  it("a timeout around a group, and a group inside children", () =>
    same(
      `
      async def inner():
          async with asyncio.TaskGroup() as group:
              group.create_task(asyncio.sleep(9))
              group.create_task(break_on_cancel(9, KeyError("b")))
      try:
          async with asyncio.timeout(2):
              async with asyncio.TaskGroup() as group:
                  group.create_task(asyncio.sleep(9))
                  group.create_task(inner())
      except ExceptionGroup as e:
          trace(shape(e), requests())
          trace(chain(e))
      try:
          async with asyncio.timeout(2):
              async with asyncio.TaskGroup() as group:
                  group.create_task(slow_to_stop(9, 1, "d"))
      except TimeoutError as e:
          trace(shape(e), requests())
      `,
      function* ({ trace, slow_to_stop, break_on_cancel, shape, chain, requests }) {
        const inner = () =>
          async_with(TaskGroup(), function* (group) {
            group.create_task(asyncio.sleep(9))
            group.create_task(break_on_cancel(9, new KeyError("b")))
          })
        try {
          yield* async_with(asyncio.timeout(2), TaskGroup(), function* (_, group) {
            group.create_task(asyncio.sleep(9))
            group.create_task(inner())
          })
        } catch (error) {
          trace(shape(error), requests())
          trace(chain(error))
        }
        try {
          yield* async_with(asyncio.timeout(2), TaskGroup(), function* (_, group) {
            group.create_task(slow_to_stop(9, 1, "d"))
          })
        } catch (error) {
          trace(shape(error), requests())
        }
      }
    ))
})
