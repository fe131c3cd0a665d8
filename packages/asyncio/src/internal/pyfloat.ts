/**
 * Numbers as Python prints them.
 *
 * JavaScript and Python find the same shortest digits for a double; they differ in when they switch to an exponent, in how they
 * write it, and in rounding halves.
 */

/** A JavaScript number as Python would hold it: a safe integer as int, all else as float. */
export const intOrFloatRepr = (value: number): string =>
  Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatRepr(value)

/**
 * Python's `repr` of a float: `1.0`, `1e-05`, `1e+16`, `nan`, `inf`.
 *
 * @param value any number, printed as a float even when it is whole
 */
export const floatRepr = (value: number): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const [mantissa, power] = Math.abs(value).toExponential().split("e") as [string, string]
  const exponent = Number(power)
  const digits = mantissa.replace(".", "")
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0")
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`
}

/**
 * Python's `f"{value:.{digits}f}"`: a fixed number of decimals, halves rounded to even.
 *
 * JavaScript's `toFixed` rounds exact halves away from zero: `(0.125).toFixed(2)` is `0.13`, Python prints `0.12`.
 *
 * @param value any number
 * @param digits decimals, 0 to 100
 *
 * @example
 * ```ts
 * import { format_float } from "./pyfloat.ts"
 *
 * format_float(0.125, 2) // => "0.12"
 * ```
 */
export const format_float = (value: number, digits: number): string => {
  if (!Number.isFinite(value)) return floatRepr(value)
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const size = Math.abs(value)
  // From 1e21 on `toFixed` gives up; such doubles are whole.
  if (size >= 1e21) return `${sign}${BigInt(size)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`
  const rounded = size.toFixed(digits)
  if (digits >= 100) return sign + rounded
  // 100 decimals show every digit that can decide: a tie is a 5 followed by nothing.
  const [, decimals] = size.toFixed(100).split(".") as [string, string]
  const tie = decimals[digits] === "5" && /^0*$/.test(decimals.slice(digits + 1))
  const lastEven = Number(rounded.at(-1)) % 2 === 0
  if (!tie || lastEven) return sign + rounded
  // `toFixed` went up from an even digit to an odd one, so the neighbour below is the same text with that digit less one.
  return sign + rounded.slice(0, -1) + (Number(rounded.at(-1)) - 1)
}
