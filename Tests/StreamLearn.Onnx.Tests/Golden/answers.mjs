// Answers of onnxruntime to rows that are made here, for each ONNX file of this folder; see README.md.
import { createRequire } from 'node:module';
import fs from 'node:fs';
const ort = createRequire(process.argv[2] + '/')('onnxruntime-node');
const shapes = { dense: [6], conv1d: [3, 24], conv2d: [2, 10, 10], view: [2, 8], mean: [2, 8], matmul: [5], same: [3, 1, 20], lrn: [2, 5, 5], half: [4] };
let state = 17;
const next = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.fround(state / 2 ** 31 - 1) * 2; };
const golden = {};
for (const [name, shape] of Object.entries(shapes)) {
  const rows = 4, size = shape.reduce((a, b) => a * b);
  const x = Float32Array.from({ length: rows * size }, next);
  const session = await ort.InferenceSession.create(`${name}.onnx`);
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [rows, ...shape]) });
  golden[name] = { rows, shape, x: [...x], y: [...y.data] };
}
fs.writeFileSync('answers.json', JSON.stringify(golden) + '\n');
