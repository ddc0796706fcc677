// Time: slider, playing, keys, events, and the numbers of the present instant.

const slider = document.getElementById("time"), playButton = document.getElementById("play");
const cameraChoice = document.getElementById("camera"), speedChoice = document.getElementById("speed");
const OUTCOMES = {LANDED: "good", HARD_LANDING: "mid", TIME_LIMIT: "mid", OUT_OF_BOUNDS: "mid",
  FLYING: "mid"};
const player = {time: 0, playing: false, drawn: null, busy: false, camera: null, since: null};

function number(value, unit, digits = 1) {
  // Without the sign of a zero.
  return value === null ? "–" : `${value.toFixed(digits).replace(/^-(0\.0*)$/, "$1")} ${unit}`;
}

function length(metres) {
  return Math.abs(metres) < 10000 ? number(metres, "m") : number(metres / 1000, "km", 2);
}

function showNumbers(state) {
  const beam = LANDER.boresight === null ? "not fitted" : FLIGHT.beam_states[state.beam];
  const rows = [["time", number(state.time_s, "s")], ["height", length(state.height_m)],
    ["believed height", length(state.believed_height_m), "believed"],
    ["down", number(state.descent_m_s, "m/s")],
    ["down, believed", number(state.believed_descent_m_s, "m/s"), "believed"],
    ["sideways", number(state.lateral_m_s, "m/s")],
    ["throttle", number(100 * state.thrust_frac, "%")],
    ["propellant", number(state.propellant_kg, "kg")], ["rangefinder", beam],
    ["true range", length(state.slant_range_m)]];
  const list = document.getElementById("readout");
  list.replaceChildren(...rows.map(([name, value, kind]) => {
    const row = document.createElement("div");
    row.className = kind ?? "";
    for (const [tag, text] of [["dt", name], ["dd", value]]) {
      row.appendChild(document.createElement(tag)).textContent = text;
    }
    return row;
  }));
}

function seek(time) {
  player.time = Math.min(Math.max(time, 0), END_S);
  slider.value = player.time;
  show();
}

/** Draw the present time; what is asked for meanwhile is drawn next. */
async function show() {
  if (player.busy) return;
  player.busy = true;
  try {
    while (player.drawn !== player.time || player.camera !== cameraChoice.value) {
      const time = player.time, camera = cameraChoice.value, state = stateAt(time);
      showNumbers({...state, time_s: time});
      await Promise.all([moveScene(state, camera, camera !== player.camera), moveCursor(time)]);
      [player.drawn, player.camera] = [time, camera];
    }
  } finally {
    player.busy = false;
  }
}

function play(playing) {
  player.playing = playing;
  player.since = null;
  playButton.textContent = playing ? "Pause" : "Play";
  if (playing && player.time >= END_S) seek(0);
  if (playing) requestAnimationFrame(advance);
}

function advance(now) {
  if (!player.playing) return;
  const passed = player.since === null ? 0 : (now - player.since) / 1000;
  player.since = now;
  seek(player.time + passed * Number(speedChoice.value));
  if (player.time >= END_S) play(false); else requestAnimationFrame(advance);
}

function pressed(event) {
  if (event.target instanceof HTMLSelectElement) return;
  const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (event.key === " " && event.target !== playButton) play(!player.playing);
  else if (step) seek(TIMES[Math.min(Math.max(instantBefore(player.time) + step, 0), TIMES.length - 1)]);
  else return;
  event.preventDefault();
}

function listEvents() {
  const list = document.getElementById("events");
  for (const {time_s: time, height_m: height, name} of FLIGHT.events) {
    const button = list.appendChild(document.createElement("button"));
    button.textContent = `${name} ${number(time, "s")}, ${length(height)}`;
    if (time !== null) button.addEventListener("click", () => seek(time));
  }
}

async function start() {
  slider.max = END_S;
  slider.value = 0;
  slider.addEventListener("input", () => seek(Number(slider.value)));
  playButton.addEventListener("click", () => play(!player.playing));
  cameraChoice.addEventListener("change", show);
  document.addEventListener("keydown", pressed);
  document.getElementById("outcome").className = OUTCOMES[FLIGHT.outcome] ?? "bad";
  listEvents();
  showNumbers(stateAt(0)); // the plots take the room that is left
  await Promise.all([drawScene(), drawLines(seek)]);
  await show();
  document.body.dataset.ready = "true";
}

start();
