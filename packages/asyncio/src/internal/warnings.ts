// Warnings, as Python's `warnings` module shows them: a category, a text, a place.

/** A warning as its receiver gets it. */
export interface WarningRecord {
  /** The class's name, such as `RuntimeWarning`. */
  readonly category: string
  readonly message: string
  /** `file:line`, where known. */
  readonly place: string | undefined
}

type ShowWarning = (record: WarningRecord) => void

const showOnProcess: ShowWarning = ({ category, message, place }) => {
  process.emitWarning(place === undefined ? message : `${message}\n    at ${place}`, category)
}

let show: ShowWarning = showOnProcess

/** Issues a warning. */
export const warn = (category: { readonly name: string }, message: string, place?: string): void =>
  show({ category: category.name, message, place })

/** Lets `receiver` have the warnings from now on, and returns a function that undoes this. */
export const catchWarnings = (receiver: ShowWarning): (() => void) => {
  const previous = show
  show = receiver
  return () => {
    show = previous
  }
}
