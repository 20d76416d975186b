import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { trendSeconds } from "../state/trend";
import { h, panel, setAttribute, setText } from "./dom";
import type { Moment, Panel } from "./panels";
import { bpm, percent } from "./words";

const height = 220;

/** Alarm probability window by window, and heart rate, over the last minutes. */
export class ChartPanel implements Panel {
  private readonly host = h("div", { class: "chart", attributes: { role: "img" } });
  private readonly words = h("p", { class: "chart-words" });
  readonly element = panel(
    "The last five minutes",
    "trend",
    h("p", { class: "legend" }, h("span", { class: "legend-alarm" }, "Alarm probability of each window, %"), h("span", { class: "legend-heart" }, "Heart rate, bpm")),
    this.host,
    this.words,
  );

  private plot: uPlot | null = null;
  private theme = "";
  private drawn = -1;

  update({ device, now }: Moment): void {
    const width = this.host.clientWidth;
    if (width === 0) return;
    const theme = getComputedStyle(document.documentElement).getPropertyValue("--ink");
    if (this.plot === null || theme !== this.theme) this.create(width, theme);
    const trend = device.trend;
    const second = Math.floor(now.steady / 500);
    if (second === this.drawn) return;
    this.drawn = second;
    const end = now.steady / 1000;
    this.plot?.setData([trend.seconds.map((s) => s - end), trend.alarm.map((p) => (p === null ? null : p * 100)), [...trend.heartRate]], false);
    this.plot?.batch(() => {
      if (this.plot !== null && this.plot.width !== width) this.plot.setSize({ width, height });
      this.plot?.setScale("x", { min: -trendSeconds, max: 0 });
    });
    const text = `Newest window: alarm ${percent(trend.alarm.at(-1) ?? null)}, heart ${bpm(trend.heartRate.at(-1) ?? null)}.`;
    setText(this.words, trend.seconds.length === 0 ? "Nothing was heard yet." : text);
    setAttribute(this.host, "aria-label", "Alarm probability and heart rate over the last five minutes");
  }

  private create(width: number, theme: string): void {
    this.plot?.destroy();
    this.theme = theme;
    const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: colour("--ink-2"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "13px system-ui, sans-serif" };
    const options: uPlot.Options = {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, auto: false, range: [-trendSeconds, 0] }, p: { range: [0, 100] }, b: { range: [30, 200] } },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((t) => (t === 0 ? "now" : `−${Math.round(-t / 60)} min`)), splits: () => [-300, -240, -180, -120, -60, 0] },
        { ...axis, scale: "p", values: (_, ticks) => ticks.map((t) => `${t} %`), splits: () => [0, 25, 50, 75, 100], size: 62 },
        { ...axis, scale: "b", side: 1, grid: { show: false }, splits: () => [40, 80, 120, 160, 200], size: 40 },
      ],
      series: [
        {},
        { scale: "p", stroke: colour("--alarm-line"), width: 3, fill: colour("--alarm-wash"), points: { show: false } },
        { scale: "b", stroke: colour("--heart-line"), width: 2, dash: [7, 5], points: { show: false } },
      ],
    };
    this.host.replaceChildren();
    this.plot = new uPlot(options, [[], [], []], this.host);
    this.drawn = -1;
  }
}
