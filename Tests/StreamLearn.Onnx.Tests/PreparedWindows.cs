using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace StreamLearn.Onnx.Tests;

/// <summary>Rows of a made sensor, the windows that a preparation cuts of them, and a network that takes those.</summary>
internal sealed class PreparedWindows
{
    private PreparedWindows(Preparation preparation, float[] rows, Func<Preparation, Network> make)
    {
        (Preparation, Rows, Taken) = (preparation, rows, Prepared(preparation, rows, preparation.Features));
        Network = make(preparation);
        var (size, values) = (Network.Plan.Input.Channels, Network.Initial.Values.ToArray());
        Scale(size, Network.Plan.Input.Samples, values);
        foreach (var slice in Network.Plan.Slices.Where(static s => s.Name.EndsWith(".bias", StringComparison.Ordinal)))
        {
            foreach (ref var value in slice.Of(values)) { value += 0.25f; }     // biases are 0 at first: one that is lost would not show
        }
        Weights = Network.Initial with { Values = [.. values] };
        Answers = new float[Count * Network.Plan.Outputs];
        Network.Infer(Weights.Values.AsSpan(), new(Taken, Count), Answers, new());
    }

    internal Preparation Preparation { get; }

    /// <summary>Row after row.</summary>
    internal float[] Rows { get; }

    /// <summary>What the network takes of each window.</summary>
    internal float[] Taken { get; }
    internal Network Network { get; }
    internal Weights Weights { get; }
    internal float[] Answers { get; }
    internal int Count => Taken.Length / Preparation.Input.Size;
    internal ModelCard Card => Preparation.On(new() { Labels = Network.Plan.Classes > 0 ? ["good", "worn \"?", "än"] : [] });

    /// <summary>The windows as they were measured: [windows, rows, channels].</summary>
    internal float[] Raw
    {
        get
        {
            var (width, size) = (Preparation.Channels.Length, Preparation.WindowRows * Preparation.Channels.Length);
            var raw = new float[Count * size];
            for (var w = 0; w < Count; w++) { Rows.AsSpan(w * Preparation.HopRows * width, size).CopyTo(raw.AsSpan(w * size)); }
            return raw;
        }
    }

    /// <summary>Windows for a network: <c>rows</c>, <c>features</c>, <c>motion</c>, <c>odd</c>, <c>dense</c>, <c>value</c>, <c>rocket</c>,
    /// <c>conv</c> and <c>lags</c>.</summary>
    internal static PreparedWindows Of(string name, int windows = 1_000)
    {
        Preparation own = name switch
        {
            "rows" => new([Channel("a"), Channel("b"), Channel("c")], 1, 1),
            "motion" or "rocket" => new([.. "xyz".Select(static a => Channel($"acc {a}", "m/s2")),
                .. "xyz".Select(static a => Channel($"gyro {a}", "rad/s"))], 64, 24),
            "dense" => new([Channel("a"), Channel("b")], 50, 50),
            "odd" => new([Channel("a")], 35, 40),
            _ => new([Channel("a"), Channel("b")], 128, 64),
        };
        var kind = name switch
        {
            "rocket" => ModelKind.Rocket,
            "conv" => ModelKind.Conv,
            "lags" => ModelKind.Lags,
            "dense" => ModelKind.Features,
            _ => ModelKind.Linear,
        };
        own = own with { RowsPerSecond = 50, Kind = kind };
        var rows = MadeRows(own.Channels.Length, ((windows - 1) * own.HopRows) + own.WindowRows);
        if (own.Kind == ModelKind.Rocket)
        {
            var windowsOfSample = Math.Min(20, rows.Length / 6 / 64);
            float[] sample = [.. Enumerable.Range(0, windowsOfSample).SelectMany(w => Enumerable.Range(0, 6).SelectMany(c =>
                Enumerable.Range(0, 64).Select(t => rows[(((w * 64) + t) * 6) + c])))];
            own = own with { Rocket = RocketKernels.Fit(sample, 6, 64, seed: 3) };
        }
        return new(own, rows, p => name is "value" or "lags"
            ? WindowModel.Create(p, new SquaredError(40, 12.5f), 7) : WindowModel.Create(p, 3, 7));
    }

    private static Field Channel(string name, string unit = "1") => Field.Channel(name, unit == "1" ? Unit.One : new(unit));

    /// <summary>Waves whose height, frequency and level change every 200 rows, and noise; some windows are constant.</summary>
    private static float[] MadeRows(int channels, int count)
    {
        var random = new RandomStream(11, "rows");
        var (rows, waves) = (new float[count * channels], new (double Level, double Height, double Step)[channels]);
        for (var row = 0; row < count; row++)
        {
            for (var c = 0; c < channels; c++)
            {
                if (row % 200 == 0) { waves[c] = (random.NextDouble(-3, 10), random.NextDouble(0, 3), random.NextDouble(0.05, 2.8)); }
                var isStill = row % 2_000 >= 1_800;
                var (level, height, step) = waves[c];
                rows[(row * channels) + c] =
                    (float)(level + (isStill ? 0 : (height * Math.Sin(step * row)) + random.NextDouble(-0.4, 0.4)));
            }
        }
        return rows;
    }

    /// <summary>Mean and deviation of what the network takes, as learning sets them.</summary>
    private void Scale(int channels, int samples, float[] values)
    {
        for (var c = 0; c < channels; c++)
        {
            var (sum, squares, count) = (0.0, 0.0, 0);
            for (var at = c * samples; at < Taken.Length; at += channels * samples)
            {
                foreach (var value in Taken.AsSpan(at, samples))
                {
                    (sum, squares, count) = (sum + value, squares + ((double)value * value), count + 1);
                }
            }
            var variance = (squares / count) - (sum / count * sum / count);
            values[c] = (float)(sum / count);
            values[channels + c] = (float)(1 / Math.Sqrt(Math.Max(1e-6, variance)));
        }
    }

    /// <summary>Other features of the same windows.</summary>
    internal static float[] Described(PreparedWindows windows, FeaturesOptions options) =>
        Prepared(windows.Preparation, windows.Rows, flow => flow.Features(options.Features, options));

    private static float[] Prepared(Preparation preparation, float[] rows, Func<Flow<Batch>, Flow<Batch>> describe)
    {
        List<float> taken = [];
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("device", p =>
        {
            var schema = new Schema([Field.Time(), .. preparation.Channels]);
            var source = p.From("rows", "", (string _, OperatorContext context) => new Recorded(context, schema, rows), schema,
                Recorded.PerBatch);
            describe(preparation.Cut(source)).ForEach("take", window =>
            {
                for (var c = 0; c < window.Channels.Count; c++) { taken.AddRange(window.Channels[c].Values<float>()); }
            });
        }));
        world.RunToEnd();
        return [.. taken];
    }

    private sealed class Recorded(OperatorContext context, Schema schema, float[] rows) : Source<Batch>
    {
        internal const int PerBatch = 50;
        private readonly int _channels = schema.Fields.Length - 1;
        private int _row;
        public override DateTimeOffset? NextAt => _row * _channels == rows.Length ? null : context.Now;

        public override Batch Next()
        {
            var count = Math.Min(PerBatch, (rows.Length / _channels) - _row);
            var batch = context.Pool.Rent(schema, count);
            for (var i = 0; i < count; i++, _row++)
            {
                batch.Columns[0].Writable<long>()[i] = _row * 20_000_000L;
                for (var c = 0; c < _channels; c++) { batch.Columns[c + 1].Writable<float>()[i] = rows[(_row * _channels) + c]; }
            }
            return batch;
        }
    }
}
