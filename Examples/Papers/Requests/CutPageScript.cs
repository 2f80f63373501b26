namespace Partition;

/// <summary>What makes the page of a record move: it draws the request at which the slider is.</summary>
internal static class CutPageScript
{
    internal const string Code =
        """

        "use strict";
        const record = JSON.parse(document.getElementById("record").textContent);
        const {layers, bytes, steps} = record;
        const slider = document.getElementById("at");
        const kinds = ["d", "u", "s", "w"];
        const ms = s => (1e3 * s).toFixed(3);
        const sum = run => run[0] + run[1] + run[2] + run[3];
        const mbit = r => (r / 1e6).toLocaleString("en", {maximumFractionDigits: 2});
        const make = (tag, name, text) => {
          const e = document.createElement(tag);
          if (name) e.className = name;
          if (text !== undefined) e.textContent = text;
          return e;
        };
        const cutName = c => c === 0 ? "all on server" : c === layers.length ? "all on device" : c === 1 ? "1 on device" : c + " on device";

        function drawLayers(step) {
          const list = document.getElementById("layers");
          const rows = [row("way", "a row is measured", "")];
          for (let i = 0; i <= layers.length; i++) {
            if (i === step.cut && step.cut < layers.length) {
              rows.push(way("up", bytes[i], step.planned[1], step.rate));
            }
            if (i < layers.length) rows.push(row(i < step.cut ? "" : "s", i + "  " + layers[i], i < step.cut ? "device" : "server"));
          }
          if (step.cut < layers.length) rows.push(way("down", bytes[layers.length], step.planned[3], step.rate));
          rows.push(row("way", "the answer is on the device", ms(sum(step.planned)) + " ms"));
          list.replaceChildren(...rows);
        }

        function row(name, left, right) {
          const item = make("li", name);
          item.append(make("span", "", left), make("span", "", right));
          return item;
        }

        function way(direction, count, seconds, rate) {
          const item = make("li", "way");
          const left = make("span");
          left.append(make("b", "", (direction === "up" ? "\u2193 " : "\u2191 ") + count.toLocaleString("en") + " bytes " + direction));
          item.append(left, make("span", "", ms(seconds) + " ms at " + mbit(rate) + " Mbit/s"));
          return item;
        }

        function drawBars(id, step, parts) {
          const values = step.fixed.map(parts);
          const most = Math.max(...values.map(v => v.reduce((a, b) => a + b.value, 0)));
          const cells = [];
          values.forEach((parts, cut) => {
            const on = cut === step.cut ? " on" : "";
            const track = make("span", "t");
            for (const part of parts) {
              const bar = make("i", part.kind);
              bar.style.width = 100 * part.value / most + "%";
              track.append(bar);
            }
            cells.push(make("span", "n" + on, (on ? "\u25b8 " : "") + cutName(cut)), track,
              make("span", "v" + on, ms(parts.reduce((a, b) => a + b.value, 0))));
          });
          document.getElementById(id).replaceChildren(...cells);
        }

        const svg = document.getElementById("course");
        const space = {left: 44, right: 60, top: 8, bottom: 22};
        function put(tag, attributes, text) {
          const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
          for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
          if (text !== undefined) e.textContent = text;
          svg.append(e);
          return e;
        }

        function drawCourse(at) {
          svg.replaceChildren();
          const width = svg.clientWidth, height = svg.clientHeight;
          const end = Math.max(1, steps[steps.length - 1].at);
          const rates = steps.map(s => Math.log(s.rate));
          const [low, high] = [Math.min(...rates), Math.max(...rates)];
          const x = s => space.left + s.at / end * (width - space.left - space.right);
          const tall = height - space.top - space.bottom;
          const y = r => space.top + (high === low ? .5 : (high - Math.log(r)) / (high - low)) * tall;
          const c = cut => space.top + (1 - cut / layers.length) * tall;
          for (let cut = 0; cut <= layers.length; cut++) {
            put("line", {class: "grid", x1: space.left, x2: width - space.right, y1: c(cut), y2: c(cut)});
            put("text", {x: width - space.right + 8, y: c(cut) + 4}, cut === layers.length ? cut + " layers" : cut);
          }
          const path = steps.map((s, i) => (i ? "L" : "M") + x(s).toFixed(1) + " " + y(s.rate).toFixed(1)).join("");
          const stair = steps.map((s, i) => (i ? "H" + x(s).toFixed(1) + "V" : "M" + x(s).toFixed(1) + " ") + c(s.cut).toFixed(1)).join("");
          put("path", {class: "line c1", d: path});
          put("path", {class: "line c0", d: stair});
          for (const s of [steps[0], steps[steps.length - 1]]) {
            put("text", {x: space.left - 6, y: y(s.rate) + 4, "text-anchor": "end"}, mbit(s.rate));
          }
          put("text", {class: "k1", x: space.left, y: height - 4}, "Mbit/s");
          put("text", {class: "k0", x: space.left + 52, y: height - 4}, "layers on the device");
          put("text", {x: width - space.right, y: height - 4, "text-anchor": "end"}, end + " s");
          put("line", {class: "p95", x1: x(steps[at]), x2: x(steps[at]), y1: space.top, y2: height - space.bottom});
        }

        function draw() {
          const at = Number(slider.value), step = steps[at];
          const text = step.at.toFixed(0) + " s: " + mbit(step.rate) + " Mbit/s, " + cutName(step.cut) + ", " + ms(sum(step.planned))
            + " ms, " + ms(step.planned[4]) + " mJ";
          document.getElementById("now").textContent = text;
          slider.setAttribute("aria-valuetext", text);
          drawLayers(step);
          drawBars("latency", step, run => kinds.map((kind, i) => ({kind, value: run[i]})));
          drawBars("energy", step, run => [{kind: "e", value: run[4]}]);
          drawCourse(at);
        }

        slider.addEventListener("input", draw);
        addEventListener("resize", draw);
        if (/^#\d+$/.test(location.hash)) slider.value = location.hash.slice(1);
        draw();

        """;
}
