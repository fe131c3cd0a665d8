import type { WaitNode, WaitQueue } from "@skein/core/kernel"

/** A wait node for tests: it writes its label to a log when it is woken. */
export class Cell implements WaitNode {
  waitQueue: WaitQueue | undefined = undefined
  waitPrevious: WaitNode | undefined = undefined
  waitNext: WaitNode | undefined = undefined
  status: "waiting" | "woken" | "cancelled" = "waiting"
  readonly label: number
  readonly weight: number
  readonly log: Array<number> | undefined

  constructor(label: number, log?: Array<number>, weight = 1) {
    this.label = label
    this.log = log
    this.weight = weight
  }

  get isWaiting(): boolean {
    return this.status === "waiting"
  }

  get isCancelled(): boolean {
    return this.status === "cancelled"
  }

  wake(): void {
    this.status = "woken"
    this.log?.push(this.label)
  }

  cancel(): void {
    if (this.status !== "waiting") return
    this.status = "cancelled"
    this.waitQueue?.noteCancelled(this)
  }
}

export const labelsOf = (queue: WaitQueue): Array<number> => [...queue].map((node) => (node as Cell).label)
