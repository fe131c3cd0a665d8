// What the two faces of the leak check share: the list, its error, and the listeners of the host.
import { type EventEmitter, getEventListeners } from "node:events"
import { type TaskNode, taskRegistry } from "@skein/core/kernel"
import type { Leak } from "../LeakError.ts"

/** Who can have listeners: an emitter of Node, or an `EventTarget` such as an `AbortSignal`. */
export type Listened = EventEmitter | EventTarget

/** The listeners of one object at one time. */
type Listeners = ReadonlyMap<string | symbol, ReadonlyArray<unknown>>

/** An `EventTarget` does not tell for which events it has listeners: these are asked for. */
const targetEvents = ["abort", "message", "messageerror", "error", "close"]

const isEmitter = (source: Listened): source is EventEmitter => "eventNames" in source

const listenersOf = (source: Listened): Listeners => {
  const names: ReadonlyArray<string | symbol> = isEmitter(source) ? source.eventNames() : targetEvents
  return new Map(
    names.map((name) => [name, isEmitter(source) ? source.rawListeners(name) : getEventListeners(source, String(name))])
  )
}

const describeSource = (source: Listened): string =>
  source === process ? "process" : `an ${source.constructor.name || "object"}`

/** Compares the listeners of the host with those of an earlier time. */
export class ListenerWatch {
  private readonly before: ReadonlyMap<Listened, Listeners>

  constructor(sources: ReadonlyArray<Listened>) {
    this.before = new Map([process, ...sources].map((source) => [source, listenersOf(source)]))
  }

  /** The listeners that were added and not removed. */
  leaks(): ReadonlyArray<Leak> {
    const leaks: Array<Leak> = []
    for (const [source, before] of this.before) {
      for (const [name, listeners] of listenersOf(source)) {
        // The same function may have been added twice.
        const left = [...(before.get(name) ?? [])]
        for (const listener of listeners) {
          const index = left.indexOf(listener)
          if (index >= 0) left.splice(index, 1)
          else leaks.push({ kind: "listener", what: describeListener(source, name, listener), spawnSite: undefined })
        }
      }
    }
    return leaks
  }
}

const describeListener = (source: Listened, event: string | symbol, listener: unknown): string => {
  // `once` wraps the function, and keeps it at hand.
  const { listener: inner } = listener as { readonly listener?: unknown }
  const { name } = (inner ?? listener) as { readonly name?: unknown }
  const called = typeof name === "string" && name !== "" ? `the function ${name}` : "a function without a name"
  return `${describeSource(source)} still has ${called} as a listener for "${String(event)}"`
}

/** Whether a task was made by another one, or by one that it made, and so on. */
export const descendsFrom = (node: TaskNode, root: TaskNode): boolean => {
  for (let above = taskRegistry.parentOf(node); above !== undefined; above = taskRegistry.parentOf(above)) {
    if (above === root) return true
  }
  return false
}

const heldBy = (node: TaskNode): ReadonlyArray<string> => node.holds?.map((resource) => resource.describeHeld()) ?? []

/** A task that has not ended. */
export const taskLeak = (node: TaskNode, more?: string): Leak => {
  const waits =
    node.waitingOn === undefined ? (more ?? `is ${node.state}`) : `waits for ${node.waitingOn.describeWait()}`
  const held = heldBy(node)
  return {
    kind: "task",
    what: `task "${node.name}" ${waits}${held.length === 0 ? "" : `, holds ${held.join(", ")}`}`,
    spawnSite: node.spawnSite
  }
}

/** Watches which tasks end while they hold something. */
export class HoldingWatch {
  private readonly ended = new Set<TaskNode>()
  private readonly stop: () => void

  /** @param root - the task whose descendants are watched */
  constructor(root: TaskNode) {
    this.stop = taskRegistry.observeEnds((node) => {
      if (node.holds !== undefined && node.holds.length > 0 && descendsFrom(node, root)) this.ended.add(node)
    })
  }

  /** What ended tasks hold. A permit that another fiber has given back meanwhile is not held any more. */
  leaks(): ReadonlyArray<Leak> {
    return [...this.ended].flatMap((node) =>
      heldBy(node).map(
        (what): Leak => ({
          kind: "held",
          what: `${what} is still held by task "${node.name}", which has ended`,
          spawnSite: node.spawnSite
        })
      )
    )
  }

  close(): void {
    this.stop()
  }
}
