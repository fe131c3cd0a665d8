// Everything prints its state in one line, whoever asks: a template, JSON, or Node's inspect.
const counts = new Map<string, number>()

/** An object with a name, whose state can be read in one line. */
export abstract class Printed {
  abstract readonly kind: string
  readonly name: string

  constructor(kind: string, name: string | undefined) {
    if (name === undefined) {
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      this.name = `${kind.toLowerCase()}-${count}`
    } else {
      this.name = name
    }
  }

  /** Its state, in a few words. */
  abstract describeState(): string

  toString(): string {
    return `${this.kind}(${JSON.stringify(this.name)}, ${this.describeState()})`
  }

  toJSON(): unknown {
    return { _id: this.kind, name: this.name, state: this.describeState() }
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString()
  }

  /** As it stands in "waits for ..." and "holds ...". */
  describeHeld(): string {
    return `${this.kind} ${JSON.stringify(this.name)}`
  }
}

/** `, 2 waiting`, or nothing. */
export const waitingSuffix = (count: number): string => (count === 0 ? "" : `, ${count} waiting`)
