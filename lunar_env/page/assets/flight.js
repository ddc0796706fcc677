// The flight: its columns, and its state at any time between two of its instants.

const FLIGHT = JSON.parse(document.getElementById("content").textContent);
const TIMES = FLIGHT.instants.time_s;
const END_S = TIMES[TIMES.length - 1];

/** The last instant that is not after a time; the last but one at the end. */
function instantBefore(time) {
  let low = 0, high = TIMES.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (TIMES[middle] <= time) low = middle; else high = middle;
  }
  return low;
}

function blend(a, b, share) {
  if (a === null || b === null) return share < 1 ? a : b;
  return a + (b - a) * share;
}

/** Blend two attitudes the shorter way round. */
function blendAttitudes(a, b, share) {
  const sign = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] < 0 ? -1 : 1;
  const q = a.map((value, k) => value * (1 - share) + sign * b[k] * share);
  const size = Math.hypot(...q);
  return q.map(value => value / size);
}

/** Every column at a time; states of the beam are not blended. */
function stateAt(time) {
  if (TIMES.length === 1) return Object.fromEntries(
    Object.entries(FLIGHT.instants).map(([name, column]) => [name, column[0]]));
  const k = instantBefore(time);
  const share = Math.min(Math.max((time - TIMES[k]) / (TIMES[k + 1] - TIMES[k]), 0), 1);
  const state = {};
  for (const [name, column] of Object.entries(FLIGHT.instants)) {
    const a = column[k], b = column[k + 1];
    if (name === "beam") state[name] = share < 1 ? a : b;
    else if (Array.isArray(a)) state[name] = blendAttitudes(a, b, share);
    else state[name] = blend(a, b, share);
  }
  return state;
}

/** A vector in body axes turned to east, north and up; the quaternion has its scalar first. */
function turned([w, x, y, z], [a, b, c]) {
  const i = 2 * (y * c - z * b), j = 2 * (z * a - x * c), k = 2 * (x * b - y * a);
  return [a + w * i + y * k - z * j, b + w * j + z * i - x * k, c + w * k + x * j - y * i];
}

/** The point of the body axis in the plane of the foot pads, on the map. */
function footOf(state) {
  const [x, y, z] = turned(state.attitude, [0, 0, -state.com_height_m]);
  return [state.east_m + x, state.north_m + y, state.altitude_m + z];
}

/** How much higher the lander believes itself; null where it believes nothing. */
function errorOf(state) {
  return state.believed_height_m === null ? null : state.believed_height_m - state.height_m;
}
