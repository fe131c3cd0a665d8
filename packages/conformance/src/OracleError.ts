/** No CPython could be started, or it failed in a way that is not the program's own. */
export class OracleError extends Error {
  override readonly name = "OracleError"
}
