// The camera's picture on a canvas, each label outlined in the colour of its verdict.
// One request at a time, always for the newest picture: a slow screen skips, never lags.

const HOLDS = new Set(["UNKNOWN", "SUPERSEDED", "MISROUTED", "UNEXPECTED", "OUT_OF_SEQUENCE"]);
const RETRY_MS = 1000;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function style(verdict) {
  if (HOLDS.has(verdict)) return { colour: css("--hold"), double: true };
  switch (verdict) {
    case "ACCEPTED":
      return { colour: css("--ok") };
    case "REPEATED":
      return { colour: css("--rep"), dash: [16, 11] };
    case "UNREAD":
      return { colour: css("--warn"), dash: [0.1, 12] };
    case "FOREIGN":
      return { colour: css("--line"), dash: [16, 11] };
    default:
      return { colour: css("--paper") };
  }
}

export class Preview {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} address of frame.jpg
   * @param {Record<string, string>} words list word of each verdict
   * @param {(seen: {verdicts: string[], look: string, sight: ?object}) => void} onPicture
   * @param {() => void} onAnswer any answer of the station, a picture or none
   */
  constructor(canvas, address, words, onPicture, onAnswer) {
    Object.assign(this, { canvas, address, words, onPicture, onAnswer });
    this.after = 0;
    this.drawn = [];
    this.running = false;
    document.addEventListener("visibilitychange", () => this.start());
  }

  start() {
    if (this.running || document.hidden) return;
    this.running = true;
    this.run();
  }

  /** Pictures drawn in a second, over the last three. */
  fps() {
    const since = performance.now() - 3000;
    this.drawn = this.drawn.filter((at) => at > since);
    return Math.round(this.drawn.length / 3);
  }

  async run() {
    while (!document.hidden) {
      try {
        await this.next();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.running = false;
  }

  async next() {
    const answer = await fetch(`${this.address}?after=${this.after}`, { cache: "no-store" });
    if (!answer.ok) throw new Error("no picture");
    this.onAnswer();
    const again = answer.headers.get("X-Again-Ms");
    if (again) {
      await new Promise((resolve) => setTimeout(resolve, Number(again)));
      return;
    }
    if (answer.status === 204) {
      // A station that was started anew counts its pictures from 1 again.
      this.after = 0;
      return;
    }
    this.after = Number(answer.headers.get("X-Seq"));
    const marks = JSON.parse(answer.headers.get("X-Marks") || "[]");
    const [width] = answer.headers.get("X-Size").split(",").map(Number);
    const bitmap = await createImageBitmap(await answer.blob());
    this.draw(bitmap, marks, bitmap.width / width);
    bitmap.close();
    this.drawn.push(performance.now());
    this.onPicture({
      verdicts: marks.map(([, verdict]) => verdict).filter(Boolean),
      look: answer.headers.get("X-Look") || "",
      sight: JSON.parse(answer.headers.get("X-Sight") || "null"),
    });
  }

  draw(bitmap, marks, scale) {
    const { canvas } = this;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    const pen = canvas.getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    // Widths are meant in pixels of the screen, not of the picture.
    const shown = canvas.getBoundingClientRect();
    const unit = Math.max(canvas.width / shown.width, canvas.height / shown.height);
    for (const [corners, verdict] of marks) {
      const points = [0, 2, 4, 6].map((at) => [corners[at] * scale, corners[at + 1] * scale]);
      this.outline(pen, points, verdict, unit);
      if (verdict) this.tag(pen, points, verdict, unit);
    }
  }

  outline(pen, points, verdict, unit) {
    const { colour, dash, double } = style(verdict);
    const path = new Path2D();
    points.forEach(([x, y], at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
    pen.lineJoin = "round";
    pen.lineCap = "butt";
    pen.setLineDash([]);
    const stroke = (paint, width) => {
      pen.strokeStyle = paint;
      pen.lineWidth = width * unit;
      pen.stroke(path);
    };
    stroke(css("--ink"), 9);
    if (double) {
      stroke(css("--paper"), 7);
      stroke(colour, 3);
      return;
    }
    if (dash) {
      pen.lineCap = dash[0] < 1 ? "round" : "butt";
      pen.setLineDash(dash.map((length) => length * unit));
    }
    stroke(colour, 5);
    pen.setLineDash([]);
  }

  tag(pen, points, verdict, unit) {
    const size = 17 * unit;
    pen.font = `700 ${size}px "Noto Sans", "Segoe UI", Roboto, "DejaVu Sans", sans-serif`;
    const text = HOLDS.has(verdict) ? `■ ${this.words[verdict]}` : this.words[verdict];
    const width = pen.measureText(text).width + size * 0.8;
    const left = Math.min(...points.map(([x]) => x));
    const top = Math.min(...points.map(([, y]) => y));
    const x = Math.max(0, Math.min(left, this.canvas.width - width));
    const y = Math.max(0, top - size * 1.7);
    pen.fillStyle = css("--paper");
    pen.fillRect(x, y, width, size * 1.45);
    pen.strokeStyle = css("--ink");
    pen.lineWidth = 2 * unit;
    pen.strokeRect(x, y, width, size * 1.45);
    pen.fillStyle = css("--ink");
    pen.textBaseline = "middle";
    pen.fillText(text, x + size * 0.4, y + size * 0.76);
  }
}
