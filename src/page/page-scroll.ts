// Whether the page is being scrolled with the wheel: lanes that come under the pointer meanwhile must not stop it.
// A part of both kinds of lanes, those of a report and those that move.

/** For this time, in milliseconds, a scroll that began outside the lanes still scrolls the page. */
const SAME_GESTURE_MS = 250;

let scrolledAt = Number.NEGATIVE_INFINITY;

addEventListener('wheel', (event) => {
  if (!event.defaultPrevented) scrolledAt = performance.now();
});

export const pageScrolls = (): boolean => performance.now() - scrolledAt < SAME_GESTURE_MS;
