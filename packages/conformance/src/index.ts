export type { Answer, LogRecord, Mark, PythonError, PythonWarning, RunOptions, Step } from "./Answer.ts"
export { createOracle, type OracleOptions, sharedOracle } from "./createOracle.ts"
export type { Oracle } from "./Oracle.ts"
export { OracleError } from "./OracleError.ts"
