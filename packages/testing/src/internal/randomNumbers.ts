/** Numbers from a seed: the same seed, the same numbers, on every machine. A Weyl sequence with a mixer of 32 bits. */
export class RandomNumbers {
  private state: number

  constructor(seed: number) {
    this.state = Math.floor(seed) >>> 0
  }

  /** A whole number of 32 bits. */
  next(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  /** From 0 up to, and not, 1. */
  fraction(): number {
    return this.next() / 0x1_0000_0000
  }

  /** A whole number from 0 up to, and not, `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end)
  }
}
