// The time lines under one another, with a cursor at the time that the view shows.

const RECKONED = "#f2b84b", RECEIVED = "#5ce896";

function timeLines() {
  const at = FLIGHT.instants, x = TIMES;
  const sum = (a, b, sign) => a.map((v, k) => v === null || b[k] === null ? null : v + sign * b[k]);
  const low = sum(at.believed_height_m, at.believed_sigma_m, -1);
  const high = sum(at.believed_height_m, at.believed_sigma_m, 1);
  const edge = {x, mode: "lines", line: {width: 0}, hoverinfo: "skip", showlegend: false};
  const drawn = (name, y, color, row, more = {}) => ({x, y, name, mode: "lines", yaxis: row,
    line: {color, width: 1.6, ...more}, hovertemplate: "%{y:.1f}"});
  const dots = (name, {time_s: x, range_m: y}, color) => ({x, y, name, mode: "markers",
    yaxis: "y4", marker: {color, size: 4}, hovertemplate: "%{y:.1f}"});
  const thrust = at.thrust_frac.map(part => 100 * part);
  return [
    {...edge, y: low}, {...edge, y: high, fill: "tonexty", fillcolor: "rgba(96,196,255,0.18)"},
    drawn("dead reckoning", at.dead_reckoned_height_m, RECKONED, "y", {dash: "dash"}),
    drawn("believed", at.believed_height_m, BELIEVED, "y"),
    drawn("true", at.height_m, TRUE, "y"),
    drawn("down, believed", at.believed_descent_m_s, BELIEVED, "y2"),
    drawn("down, true", at.descent_m_s, TRUE, "y2"),
    drawn("sideways, true", at.lateral_m_s, TRUE, "y2", {dash: "dot"}),
    drawn("throttle", thrust, TRUE, "y3", {shape: "vh"}),
    drawn("range along the beam, true", at.slant_range_m, TRUE, "y4"),
    dots("range received", FLIGHT.ranges, RECEIVED), dots("radar", FLIGHT.radar_ranges, RECKONED),
  ].map(trace => ({type: "scatter", ...trace}));
}

function linesLayout() {
  const axis = (title, domain, more = {}) => ({title: {text: title, standoff: 4}, domain,
    gridcolor: "#28324a", zerolinecolor: "#4a5878", automargin: true, tickfont: {size: 10}, ...more});
  return {paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
    font: {color: "#9aa6be", size: 11}, margin: {l: 60, r: 12, t: 10, b: 36}, hovermode: "x",
    hoverdistance: -1, dragmode: false,
    hoverlabel: {bgcolor: "#121827", bordercolor: "#28324a", font: {color: "#e8ecf4"}},
    xaxis: {title: {text: "time [s]"}, range: [0, END_S], gridcolor: "#28324a", anchor: "y4",
      fixedrange: true},
    yaxis: axis("height [m]", [0.64, 1]), yaxis2: axis("speed [m/s]", [0.41, 0.61]),
    yaxis3: axis("throttle [%]", [0.24, 0.38], {range: [-3, 103]}),
    yaxis4: axis("range [m]", [0, 0.21], {rangemode: "tozero"}),
    shapes: [{type: "line", xref: "x", yref: "paper", x0: 0, x1: 0, y0: 0, y1: 1,
      line: {color: "#ffba49", width: 1.5}}]};
}

/** Draw the time lines; a click calls back with its time. */
async function drawLines(clicked) {
  const plot = await Plotly.newPlot("lines", timeLines(), linesLayout(), PLOT);
  plot.on("plotly_click", event => clicked(event.points[0].x));
}

function moveCursor(time) {
  return Plotly.relayout("lines", {"shapes[0].x0": time, "shapes[0].x1": time});
}
