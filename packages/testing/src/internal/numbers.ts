// Lists of numbers as text: seven bits a byte, low ones first, the eighth says that more follow; then base64 for addresses.

/** Writes whole numbers from 0 to 2 ** 53 - 1. */
export const writeNumbers = (numbers: ReadonlyArray<number>): string => {
  const bytes: Array<number> = []
  for (let number of numbers) {
    while (number > 127) {
      bytes.push((number % 128) + 128)
      number = Math.floor(number / 128)
    }
    bytes.push(number)
  }
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
}

/** Reads what {@link writeNumbers} wrote; `undefined` if it cannot have been that. */
export const readNumbers = (text: string): Array<number> | undefined => {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"))
  const numbers: Array<number> = []
  let number = 0
  let weight = 1
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes.charCodeAt(index)
    number += (byte % 128) * weight
    if (number > Number.MAX_SAFE_INTEGER) return undefined
    if (byte >= 128) weight *= 128
    else {
      numbers.push(number)
      number = 0
      weight = 1
    }
  }
  return weight === 1 ? numbers : undefined
}
