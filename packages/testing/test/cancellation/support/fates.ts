/** What becomes of those whom an operation waits for. */
export class Fates {
  private readonly fates: Array<string> = []

  /** One of them begins. Returns what tells of it from then on. */
  begins(): (fate: string) => void {
    const index = this.fates.push("runs on") - 1
    return (fate) => {
      this.fates[index] = fate
    }
  }

  /** How many have begun. */
  get begun(): number {
    return this.fates.length
  }

  /** How many have come to the end of their work. */
  get finished(): number {
    return this.fates.filter((fate) => fate === "runs to its end").length
  }

  told(who: string): string {
    return `${who} ${this.fates.length === 0 ? "never begins" : [...new Set(this.fates)].join(" or ")}`
  }
}
