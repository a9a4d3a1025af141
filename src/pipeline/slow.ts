/** How long outside work may take before the person is shown that somebody is at it. */
export const slowAfterMs = 400

/** Waits for work; when it takes longer than `afterMs`, tells so, once. What the work gives or throws stays its own. */
export async function whenSlow<Made>(work: Promise<Made>, afterMs: number, tell: () => void): Promise<Made> {
  const timer = setTimeout(tell, afterMs)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}
