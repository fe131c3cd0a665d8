/** Ends the process with a plain explanation when this Node cannot run the TypeScript sources. */
export const requireNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return
  console.error(
    `Skein needs Node 22.19 or later, and this is Node ${process.versions.node}. ` +
      "On Linux x64 `npm ci` installs one into node_modules/.bin, which `npm run` and `npm test` use by themselves; " +
      "elsewhere install Node 24."
  )
  process.exit(1)
}
