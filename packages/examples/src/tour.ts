/**
 * The tour: runs the scenarios and shows their output beside what CPython printed.
 *
 *     npm start                 all of them
 *     npm start -- S11          one, or several
 *     npm start -- --list       their names
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as CliConfig from "effect/cli/CliConfig"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import { command } from "./tourCommand.ts"

command.pipe(
  Command.run({ version: "0.1.0" }),
  Effect.provide([NodeServices.layer, CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version] })]),
  NodeRuntime.runMain
)
