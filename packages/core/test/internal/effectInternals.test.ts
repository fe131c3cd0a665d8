import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { describe, expect, it, vi } from "vitest"
import {
  adopt,
  type Continuation,
  type Frame,
  goOn,
  isExit,
  leaveFrame,
  leaving,
  parentOf,
  pushFrame,
  resuming,
  stepInto,
  suspend
} from "../../src/internal/effectInternals.ts"
import { Leaf } from "../../src/internal/leaf.ts"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** An effect that is a function of the fiber that runs it. */
class Step extends Leaf<unknown, unknown> {
  private readonly step: (fiber: AnyFiber) => Effect.Effect<unknown, unknown>

  constructor(step: (fiber: AnyFiber) => Effect.Effect<unknown, unknown>) {
    super()
    this.step = step
  }

  run(fiber: AnyFiber): Effect.Effect<unknown, unknown> {
    return this.step(fiber)
  }
}

const step = (run: (fiber: AnyFiber) => Effect.Effect<unknown, unknown>): Effect.Effect<unknown, unknown> =>
  new Step(run)

/** A frame that counts how often it was passed. */
const countingFrame = (): Frame & { passed: number } => ({
  passed: 0,
  [leaving]() {
    this.passed++
  }
})

/** A fiber that waits with a frame on its stack, and then says what it went on with. */
const waiting = (frame: Frame, scheduler?: Scheduler.Scheduler): AnyFiber =>
  Effect.runFork(
    Effect.map(
      step((fiber) => suspend(fiber, frame)),
      (value) => `went on with ${value}`
    ),
    { scheduler }
  )

describe("stepInto", () => {
  it("begins an effect in the same step", () => {
    let opsBefore = 0
    const begun = step((fiber) => {
      opsBefore = fiber.currentOpCount
      return stepInto(
        fiber,
        Effect.withFiber((same) => Effect.succeed(same.currentOpCount - opsBefore))
      )
    })
    expect(Effect.runSync(begun)).toBe(0)
  })
})

describe("isExit", () => {
  it.each([
    ["an exit", Exit.void],
    ["an exit that is an error", Exit.fail("no")],
    ["an effect", Effect.yieldNow],
    ["an effect that holds an exit", Effect.suspend(() => Exit.void)],
    ["a leaf", step(() => Effect.void)],
    ["an error that is an effect", new Cause.NoSuchElementError()]
  ])("tells of %s what Exit.isExit tells", (_, effect) => {
    expect(isExit(effect)).toBe(Exit.isExit(effect))
  })
})

describe("pushFrame", () => {
  const entering = (frame: Frame | Continuation, effect: Effect.Effect<unknown, unknown>) =>
    step((fiber) => {
      pushFrame(fiber, frame)
      return stepInto(fiber, effect)
    })

  it.each([
    ["succeeds", Effect.succeed(1), Exit.succeed(1)],
    ["fails", Effect.fail("no"), Exit.fail("no")],
    ["dies", Effect.die("bug"), Exit.die("bug")]
  ])("has the frame told once when the effect %s, and changes nothing in that", async (_, effect, exit) => {
    const frame = countingFrame()
    const entered = entering(frame, effect)
    expect(await Effect.runPromiseExit(Effect.andThen(Effect.yieldNow, entered))).toStrictEqual(exit)
    expect(frame.passed).toBe(1)
  })

  it("has the frame told when the fiber is interrupted", async () => {
    const frame = countingFrame()
    const fiber = Effect.runFork(entering(frame, Effect.never))
    expect(frame.passed).toBe(0)
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(frame.passed).toBe(1)
  })

  it("hands a value to a continuation, and a failure past it", async () => {
    const continuation = { [resuming]: (value: unknown) => Effect.succeed(`got ${value}`) }
    expect(await Effect.runPromise(entering(continuation, Effect.as(Effect.yieldNow, "it")))).toBe("got it")
    expect(await Effect.runPromise(Effect.flip(entering(continuation, Effect.fail("no"))))).toBe("no")
  })
})

describe("suspend", () => {
  it("has the fiber wait until goOn, with the frame on top of its stack", async () => {
    const frame = countingFrame()
    const fiber = waiting(frame)
    await Effect.runPromise(Effect.yieldNow)
    expect(fiber.pollUnsafe()).toBeUndefined()
    goOn(
      fiber,
      step((own) => {
        leaveFrame(own)
        return Effect.succeed("it")
      })
    )
    expect(fiber.pollUnsafe()).toStrictEqual(Exit.succeed("went on with it"))
    expect(frame.passed).toBe(0)
  })

  it("keeps the frame on top while a scheduler makes the fiber yield before it goes on", async () => {
    const frame = countingFrame()
    const scheduler = new Scheduler.MixedScheduler()
    let yields = 0
    scheduler.shouldYield = () => yields-- > 0
    const fiber = waiting(frame, scheduler)
    yields = 1
    goOn(
      fiber,
      step((own) => {
        leaveFrame(own)
        return Effect.succeed("it")
      })
    )
    expect(fiber.pollUnsafe()).toBeUndefined()
    expect(await Effect.runPromise(Fiber.join(fiber))).toBe("went on with it")
    expect(frame.passed).toBe(0)
  })

  it("tells the frame when the fiber is interrupted meanwhile, once", async () => {
    const frame = countingFrame()
    const fiber = waiting(frame)
    fiber.interruptUnsafe()
    expect(frame.passed).toBe(1)
    const exit = fiber.pollUnsafe() as Exit.Exit<unknown, unknown>
    expect(Exit.hasInterrupts(exit)).toBe(true)
    goOn(fiber, Effect.succeed("it"))
    expect(fiber.pollUnsafe()).toBe(exit)
  })

  it("tells the frame when the fiber was interrupted in the step that suspends it", async () => {
    const frame = countingFrame()
    const fiber = Effect.runFork(
      step((own) => {
        own.interruptUnsafe()
        return suspend(own, frame)
      })
    )
    expect(frame.passed).toBe(1)
    expect(Exit.hasInterrupts(fiber.pollUnsafe() as Exit.Exit<unknown, unknown>)).toBe(true)
  })

  it("leaves a fiber waiting that is interrupted where it cannot be, and then goes on", async () => {
    const frame = countingFrame()
    const program = Effect.uninterruptible(step((fiber) => suspend(fiber, frame)))
    const fiber = Effect.runFork(program)
    fiber.interruptUnsafe()
    expect([frame.passed, fiber.pollUnsafe()]).toEqual([0, undefined])
    goOn(
      fiber,
      step((own) => {
        leaveFrame(own)
        return Effect.void
      })
    )
    expect(fiber.pollUnsafe()).toBeDefined()
    expect(frame.passed).toBe(0)
  })
})

describe("adopt", () => {
  it("has the parent hear of the fiber's end once: after its children's, before its observers do", async () => {
    const heard: Array<string> = []
    const parent = {
      get _children() {
        return this
      },
      delete: (fiber: AnyFiber) => heard.push(`parent: ${fiber.pollUnsafe()?._tag}`)
    }
    const child = Effect.onInterrupt(Effect.never, () => Effect.sync(() => heard.push("child")))
    const fiber = Effect.runFork(
      step((own) => {
        adopt(own, parent)
        expect(parentOf(own)).toBe(parent)
        return Effect.andThen(Effect.forkChild(child, { startImmediately: true }), Effect.yieldNow)
      })
    )
    fiber.addObserver(() => heard.push("observer"))
    await Effect.runPromise(Fiber.await(fiber))
    expect(heard).toEqual(["child", "parent: Success", "observer"])
    expect(parentOf(fiber)).toBeUndefined()
  })
})

describe("fibers of an Effect that is made in another way", () => {
  it.each(["_stack", "_parent", "evaluate", "yieldWith"])(
    "are refused with a word on the version, without %s",
    async (name) => {
      vi.resetModules()
      const fresh = await import("../../src/internal/effectInternals.ts")
      const known = { _stack: [], _parent: undefined, evaluate: () => undefined, yieldWith: () => undefined }
      const { [name as keyof typeof known]: _, ...lacking } = known
      expect(() => fresh.pushFrame(lacking as unknown as AnyFiber, countingFrame())).toThrow(
        "does not know this version of Effect"
      )
      fresh.pushFrame(known as unknown as AnyFiber, countingFrame())
      expect(known._stack).toHaveLength(1)
    }
  )
})
