import * as asyncio from "@skein/asyncio"
import { ContextVar } from "@skein/asyncio/contextvars"
import { IsolatedAsyncioTestCase } from "@skein/asyncio/unittest"
import { describe, expect, it } from "vitest"
import { expectSame } from "../support/same.ts"

describe("IsolatedAsyncioTestCase", () => {
  it("261 runs its parts in order, each in a task of its own, all in one context", () =>
    expectSame(
      `
      import asyncio, contextvars, unittest
      var = contextvars.ContextVar("var", default="none")
      def say(what):
          task = asyncio.current_task() if asyncio._get_running_loop() else None
          print(what, task is not None, var.get())
      class Case(unittest.IsolatedAsyncioTestCase):
          def setUp(self):
              say("setUp"); var.set("from setUp")
              self.addAsyncCleanup(self.cleanup, 1)
          async def asyncSetUp(self):
              say("asyncSetUp"); var.set("from asyncSetUp")
              self.setup_task = asyncio.current_task()
              self.addAsyncCleanup(self.cleanup, 2)
          async def test_it(self):
              say("test"); var.set("from test")
              print(asyncio.current_task() is self.setup_task, asyncio.get_running_loop().get_debug())
              await asyncio.sleep(1)
          async def asyncTearDown(self):
              say("asyncTearDown")
          def tearDown(self):
              say("tearDown")
          async def cleanup(self, n):
              say(f"cleanup {n}")
      result = unittest.TestResult()
      Case("test_it").run(result)
      print(result.wasSuccessful())
      `,
      async ({ print, new_event_loop }) => {
        const variable = ContextVar("var", { default: "none" })
        const say = (what: string) => {
          const loop = asyncio._get_running_loop()
          print(what, loop !== undefined && asyncio.current_task(loop) !== undefined, variable.get())
        }
        class Case extends IsolatedAsyncioTestCase {
          override loop_factory = new_event_loop
          setup_task: asyncio.Task | undefined
          override setUp() {
            say("setUp")
            variable.set("from setUp")
            this.addAsyncCleanup(() => this.cleanup(1))
          }
          override *asyncSetUp() {
            say("asyncSetUp")
            variable.set("from asyncSetUp")
            this.setup_task = asyncio.current_task()
            this.addAsyncCleanup(() => this.cleanup(2))
          }
          *test_it() {
            say("test")
            variable.set("from test")
            print(asyncio.current_task() === this.setup_task, asyncio.get_running_loop().get_debug())
            yield* asyncio.sleep(1)
          }
          override *asyncTearDown() {
            say("asyncTearDown")
          }
          override tearDown() {
            say("tearDown")
          }
          *cleanup(n: number) {
            say(`cleanup ${n}`)
          }
        }
        await new Case("test_it").run()
        print(true)
      },
      // In debug mode CPython's logger also tells of the selector and of closing the loop.
      { ignore: ["log"] }
    ))

  it("leaves the test out after a failed asyncSetUp, but not the clean-ups; several failures come as a group", async () => {
    const seen: Array<string> = []
    class Case extends IsolatedAsyncioTestCase {
      override loop_factory = asyncio.VirtualEventLoop
      override *asyncSetUp() {
        this.addAsyncCleanup(() => {
          seen.push("cleanup")
          throw new Error("cleanup failed")
        })
        yield* asyncio.sleep(1)
        throw new Error("setup failed")
      }
      *test_it() {
        seen.push("test")
      }
      override tearDown() {
        seen.push("tearDown")
      }
    }
    expect(Case.test_names()).toEqual(["test_it"])
    await expect(new Case("test_it").run()).rejects.toMatchObject({
      name: "ExceptionGroup",
      exceptions: [{ message: "setup failed" }, { message: "cleanup failed" }]
    })
    expect(seen).toEqual(["cleanup"])
    await expect(new Case("test_other").run()).rejects.toThrow(/no such test method .*test_other/)
  })
})
