import { systemClock } from '../../src/core/clock.ts'
import { discardLog, openLogger } from '../../src/core/logger.ts'
