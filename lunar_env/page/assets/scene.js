// The 3-D view: ground, paths, lander, the lander as it believes itself, flame and beam.

const TRUE = "#f0f0e8", BELIEVED = "#60c4ff";
const BEAM = {OFF: null, WARMUP: "#8490a8", SEARCH: "#ffba49", TRACK: "#5ce896", LOST: "#ff5454"};
const LANDER = FLIGHT.lander;
const SEEN_PART = 0.14; // of the width of the view, at which a lander is drawn at least
const CHASE_HEIGHTS = 0.65, CHASE_AWAY = 0.35, CLOSEST_M = 6;
const AWAY = window.innerWidth < 900 ? 1.4 : 1; // a narrow view needs more distance
const CAMERAS = {
  chase: {eye: {x: 1.2 * AWAY, y: -1.3 * AWAY, z: 0.25 * AWAY}, center: {x: 0, y: 0, z: -0.14}},
  descent: {eye: {x: 1.2 * AWAY, y: -1.6 * AWAY, z: 0.35 * AWAY}, center: {x: 0, y: 0, z: -0.1}},
};
const LIT = {ambient: 0.55, diffuse: 0.7, specular: 0.1, roughness: 0.9, fresnel: 0};
const GLOWING = {ambient: 1, diffuse: 0, specular: 0, roughness: 1, fresnel: 0};

/** Brightness of a grid from the Sun in the west, relative to level ground. */
function shades({east_m: x, north_m: y, elevation_m: z}) {
  const sun = Math.PI / 180 * Math.max(FLIGHT.sun_elevation_deg, 8);
  return z.map((row, i) => row.map((here, j) => {
    const left = row[Math.max(j - 1, 0)] ?? here, right = row[j + 1] ?? here;
    if (here === null) return null;
    const step = x[Math.min(j + 1, x.length - 1)] - x[Math.max(j - 1, 0)];
    const slope = (right - left) / step;
    const lit = (Math.sin(sun) - slope * Math.cos(sun)) / Math.hypot(1, slope) / Math.sin(sun);
    return Math.min(Math.max(lit, 0), 2);
  }));
}

/** The ground as triangles; where a corner is missing there is none. */
function groundTraces() {
  return FLIGHT.ground.map(grid => {
    const {east_m: x, north_m: y, elevation_m: z} = grid, n = x.length, shade = shades(grid);
    const i = [], j = [], k = [];
    for (let row = 0; row + 1 < n; row++) {
      for (let column = 0; column + 1 < n; column++) {
        const a = row * n + column;
        const missing = [z[row][column], z[row][column + 1], z[row + 1][column],
          z[row + 1][column + 1]].includes(null);
        if (missing) continue;
        i.push(a, a + 1); j.push(a + 1, a + n + 1); k.push(a + n, a + n);
      }
    }
    return {type: "mesh3d", x: z.flatMap(() => x), y: z.flatMap((row, r) => row.map(() => y[r])),
      z: z.flat(), i, j, k, intensity: shade.flat(), cmin: 0, cmax: 2, showscale: false,
      hoverinfo: "skip", colorscale: [[0, "#17181c"], [0.5, "#77756f"], [1, "#e4e0d6"]],
      lighting: GLOWING};
  });
}

function path(raised, color) {
  const at = FLIGHT.instants, x = [], y = [], z = [];
  for (let k = 0; k < TIMES.length; k++) {
    const up = raised ? at.believed_height_m[k] === null ? null
      : at.believed_height_m[k] - at.height_m[k] : 0;
    x.push(at.east_m[k]); y.push(at.north_m[k]);
    z.push(up === null ? null : at.altitude_m[k] - at.com_height_m[k] + up);
  }
  return {type: "scatter3d", mode: "lines", x, y, z, hoverinfo: "skip",
    line: {color, width: 3}, opacity: raised ? 0.55 : 0.8};
}

function body({triangles, colors}, color) {
  const [i, j, k] = [0, 1, 2].map(n => triangles.map(three => three[n]));
  return {type: "mesh3d", x: [0], y: [0], z: [0], i, j, k, hoverinfo: "skip", flatshading: true,
    ...(color ? {color, opacity: 0.35} : {facecolor: colors}),
    lighting: LIT, lightposition: {x: -1e5, y: -4e4, z: 5e4}};
}

const line = (color, width) => ({type: "scatter3d", mode: "lines", x: [0], y: [0], z: [0],
  hoverinfo: "skip", line: {color, width}});

const TRACES = [...groundTraces(), path(false, TRUE), path(true, BELIEVED),
  {...body(LANDER.hull), name: "lander"}, {...body(LANDER.hull, BELIEVED), name: "believed"},
  {...body(LANDER.flame), name: "flame", lighting: GLOWING}, {...line(TRUE, 5), name: "beam"},
  {...line(TRUE, 2), name: "plumb"}];
const MOVING = ["lander", "believed", "flame", "beam", "plumb"]
  .map(name => TRACES.findIndex(trace => trace.name === name));
const PATH_TRACES = TRACES.filter(trace => trace.type === "scatter3d" && !trace.name);

/** The box of the whole descent: as wide as the path, or stretched upward where that is flat. */
function wholeBox() {
  const wide = FLIGHT.ground[0].east_m, deep = FLIGHT.ground[0].north_m;
  const heights = PATH_TRACES.flatMap(trace => trace.z).filter(z => z !== null);
  const ground = FLIGHT.ground.flatMap(grid => grid.elevation_m.flat()).filter(z => z !== null);
  const least = (a, b) => Math.min(a, b), most = (a, b) => Math.max(a, b);
  const low = ground.reduce(least), high = heights.concat(ground).reduce(most);
  const half = (wide[wide.length - 1] - wide[0]) / 2;
  const middle = [(wide[0] + wide[wide.length - 1]) / 2, (deep[0] + deep[deep.length - 1]) / 2];
  const tall = (high - low) / (2 * half);
  return {ranges: [[middle[0] - half, middle[0] + half], [middle[1] - half, middle[1] + half],
    [low - 0.02 * (high - low), high + 0.06 * (high - low)]],
    aspect: [1, 1, Math.min(Math.max(1.08 * tall, 0.5), 1.6)]};
}
const WHOLE = wholeBox();

/** A cube around the lander, the wider the higher it is, with the ground in its lower part. */
function chaseBox(state, foot) {
  const last = TIMES.length - 1, at = FLIGHT.instants;
  const away = Math.hypot(foot[0] - at.east_m[last], foot[1] - at.north_m[last]);
  const half = Math.max(CHASE_HEIGHTS * Math.max(state.height_m, errorOf(state) + state.height_m),
    CHASE_AWAY * away, 1.5 * LANDER.size_m, CLOSEST_M);
  const low = foot[2] - state.height_m - 0.3 * half;
  return {ranges: [[foot[0] - half, foot[0] + half], [foot[1] - half, foot[1] + half],
    [low, low + 2 * half]], aspect: [1, 1, 1]};
}

/** Corners of a body on the map, enlarged about its foot, as columns. */
function placed(corners, attitude, foot, grown) {
  const columns = [[], [], []];
  for (const corner of corners) {
    const arm = turned(attitude, corner);
    for (let k = 0; k < 3; k++) columns[k].push(foot[k] + grown[k] * arm[k]);
  }
  return columns;
}

/** Each flame ends at a ring of corners before that of its nozzle, the nearer the less it burns. */
function flameCorners(throttle) {
  const corners = LANDER.flame.corners_m, sides = LANDER.flame_sides;
  return corners.map((corner, n) => {
    const nozzle = corners[n + sides];
    const isEnd = Math.floor(n / sides) % 2 === 0;
    return isEnd ? corner.map((x, k) => nozzle[k] + throttle * (x - nozzle[k])) : corner;
  });
}

/** The beam, as long as the true range; up to the edge of the view where it meets no ground. */
function beamOf(state, foot, grown, reach) {
  const color = BEAM[FLIGHT.beam_states[state.beam]];
  if (LANDER.boresight === null || color === null) return {color: null, columns: [[], [], []]};
  const sensor = [0, 0, state.com_height_m - LANDER.sensor_offset_m];
  const start = turned(state.attitude, sensor), way = turned(state.attitude, LANDER.boresight);
  const range = state.slant_range_m ?? reach;
  const columns = [0, 1, 2].map(
    k => [foot[k] + grown[k] * start[k], foot[k] + start[k] + range * way[k]]);
  return {color, columns};
}

/** What has to change so that the view shows a state. */
function sceneAt(state, camera) {
  const foot = footOf(state), box = camera === "chase" ? chaseBox(state, foot) : WHOLE;
  const unit = box.ranges.map(([low, high], k) => (high - low) / box.aspect[k]);
  const grown = unit.map(metres => Math.max(1, SEEN_PART * metres / LANDER.size_m));
  const error = errorOf(state), none = [[], [], []];
  const ghost = error === null ? none : placed(LANDER.hull.corners_m, state.believed_attitude,
    [foot[0], foot[1], foot[2] + error], grown);
  // What has come to its end burns no more, whatever its last command was.
  const burning = state.thrust_frac > 0.01 && state.time_s < END_S;
  const beam = beamOf(state, foot, grown, unit[2]);
  const columns = [placed(LANDER.hull.corners_m, state.attitude, foot, grown), ghost,
    burning ? placed(flameCorners(state.thrust_frac), state.attitude, foot, grown) : none,
    beam.columns, [[foot[0], foot[0]], [foot[1], foot[1]], [foot[2], foot[2] - state.height_m]]];
  const data = {x: columns.map(c => c[0]), y: columns.map(c => c[1]), z: columns.map(c => c[2]),
    "line.color": [undefined, undefined, undefined, beam.color ?? TRUE, "#55617c"]};
  const layout = {};
  ["x", "y", "z"].forEach((axis, k) => {
    layout[`scene.${axis}axis.range`] = box.ranges[k];
    layout[`scene.aspectratio.${axis}`] = box.aspect[k];
  });
  return {data, layout, grown, flat: unit[0] / unit[2]};
}

function sceneLayout() {
  const axis = title => ({title: {text: title}, color: "#8592ad", gridcolor: "#28324a",
    zeroline: false, showbackground: false, showspikes: false, tickfont: {size: 10}, nticks: 6});
  return {paper_bgcolor: "rgba(0,0,0,0)", margin: {l: 0, r: 0, t: 0, b: 0}, showlegend: false,
    scene: {aspectmode: "manual", aspectratio: {x: 1, y: 1, z: 1}, camera: CAMERAS.chase,
      xaxis: axis("east [m]"), yaxis: axis("north [m]"), zaxis: axis("up [m]"), dragmode: "turntable"}};
}

const PLOT = {displaylogo: false, responsive: true, displayModeBar: false};

/** Draw the view for the first time. */
function drawScene() {
  return Plotly.newPlot("space", TRACES, sceneLayout(), PLOT);
}

/** Move what moves; says how much larger than it is the lander is drawn. */
async function moveScene(state, camera, turn) {
  const {data, layout, grown, flat} = sceneAt(state, camera);
  if (turn) layout["scene.camera"] = CAMERAS[camera];
  await Plotly.update("space", data, layout, MOVING);
  const words = [];
  if (grown[0] > 1.05) words.push(`lander drawn ${grown[0].toPrecision(2) * 1} times as large`);
  if (flat > 1.05) words.push(`heights drawn ${flat.toPrecision(2) * 1} times as large`);
  document.getElementById("scale").textContent = words.join("; ");
}
