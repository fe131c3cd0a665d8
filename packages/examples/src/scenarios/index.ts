import type { Scenario } from "../Scenario.ts"
import { scenario as S01 } from "./S01-one-after-the-other.ts"
import { scenario as S02 } from "./S02-a-coroutine-is-an-object.ts"
import { scenario as S03 } from "./S03-one-entry.ts"
import { scenario as S04 } from "./S04-what-await-suspends.ts"
import { scenario as S05 } from "./S05-tasks.ts"
import { scenario as S06 } from "./S06-gather-and-as-completed.ts"
import { scenario as S07 } from "./S07-wait.ts"
import { scenario as S08 } from "./S08-deadlines.ts"
import { scenario as S09 } from "./S09-sleep-and-block.ts"
import { scenario as S10 } from "./S10-resources.ts"
import { scenario as S11 } from "./S11-producer-and-consumers.ts"
import { scenario as S12 } from "./S12-three-downloads-at-a-time.ts"
import { scenario as S13 } from "./S13-a-counter-under-a-lock.ts"
import { scenario as S14 } from "./S14-events.ts"
import { scenario as S15 } from "./S15-a-bounded-buffer.ts"
import { scenario as S16 } from "./S16-asynchronous-iteration.ts"
import { scenario as S17 } from "./S17-http.ts"
import { scenario as S19 } from "./S19-files.ts"
import { scenario as S20 } from "./S20-a-periodic-job.ts"
import { scenario as S22 } from "./S22-six-classic-mistakes.ts"

/** The programs of the tour, in order. */
export const scenarios: ReadonlyArray<Scenario> = [
  S01,
  S02,
  S03,
  S04,
  S05,
  S06,
  S07,
  S08,
  S09,
  S10,
  S11,
  S12,
  S13,
  S14,
  S15,
  S16,
  S17,
  S19,
  S20,
  S22
]
