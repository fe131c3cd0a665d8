export type { Answer, LogRecord, Mark, PythonError, PythonWarning, RunOptions, Step } from "./Answer.ts"
export { createOracle, type Oracle, type OracleOptions, sharedOracle } from "./Oracle.ts"
export { OracleError } from "./OracleError.ts"
