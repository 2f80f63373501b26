using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamLearn.Operators;

namespace Benchmarks;

/// <summary>Features of the same windows at 50 Hz, of six channels unless a case says otherwise: gaits of some speeds with noise around
/// gravity, or noise alone.</summary>
internal sealed class FeatureCase
{
    private const int Windows = 256;
    private const double Rate = 50, Seconds = 0.2;
    private readonly Func<Flow<Batch>, Flow<Batch>> _block;
    private readonly string _words;     // of a request, after the file; empty: no peer takes it
    private readonly Schema _schema;
    private readonly int _rows;
    private readonly Lazy<float[][][]> _windows;
    private string? _path;
    private float _read;        // so that the loop is not left out

    private FeatureCase(string name, Schema schema, int rows, Func<Flow<Batch>, Flow<Batch>> block, string words)
    {
        (Name, _schema, _rows, _block, _words) = (name, schema, rows, block, words);
        _windows = new(() =>
        {
            var random = new RandomStream(1, "feature-windows");
            return [.. Enumerable.Range(0, Windows).Select(w => Window(random, w % 4 == 0 ? 0 : 1.2 + (w % 9 / 10.0)))];
        });
    }

    internal string Name { get; }

    internal static FeatureCase Of(string name, int rows, Feature features, params FrequencyBand[] bands)
    {
        var texts = bands.Select(b => FormattableString.Invariant($"{b.FromHz}:{b.ToHz}"));
        return new(name, HarStream.Schema, rows, flow => flow.Features(features, new() { Bands = [.. bands] }),
            string.Create(CultureInfo.InvariantCulture,
                $"{ChannelsOf(HarStream.Schema)} {rows} {Rate} {(int)features} 0 {(bands.Length == 0 ? "-" : string.Join(',', texts))}"));
    }

    internal static FeatureCase Imu(string name, int rows) => new(name, HarStream.Schema, rows, static flow => flow.ImuFeatures(),
        string.Create(CultureInfo.InvariantCulture, $"{ChannelsOf(HarStream.Schema)} {rows} {Rate} 0 1 -"));

    /// <summary>1,008 random convolutions, whose biases the windows give.</summary>
    internal static FeatureCase Rocket(string name, Schema schema, int rows)
    {
        FeatureCase? measured = null;
        var kernels = new Lazy<RocketKernels>(() => RocketKernels.Fit(
            (float[])[.. measured!._windows.Value.SelectMany(static w => w.SelectMany(static c => c))], ChannelsOf(schema), rows, seed: 1));
        return measured = new(name, schema, rows, flow => flow.Rocket(kernels.Value), "");
    }

    /// <summary>Ours: windows through the block.</summary>
    internal Contender Ours() => new("streamlearn", TrainRun.Lazily(
        () =>
        {
            var run = new Run(this);
            run.Took(Measurement.Times(TrainRun.WarmUpSeconds, run.Took));
            run.Times = Measurement.Times(Seconds, run.Took);
            return run;
        },
        run => run.Measure()));

    /// <summary>The limit: every value of the windows is read once, and added up.</summary>
    internal Contender ReadOnce()
    {
        var times = new Lazy<int>(() => Measurement.Times(Seconds, Read));
        return new("read-once", () =>
        {
            _ = times.Value;
            return Measurement.PerProcessorSecond(() =>
            {
                Read(times.Value);
                return (double)times.Value * Windows;
            });
        });
    }

    /// <summary>A peer: the same windows.</summary>
    internal Contender Of(Peer peer) => peer.Rate(peer.Name, () => $"run {Path()} {_words}", Seconds, Windows);

    /// <summary>The numbers of all windows, in the order of columns.</summary>
    internal double[] Values()
    {
        using var run = new Run(this);
        return run.Values();
    }

    /// <summary>How far the numbers of a peer are from ours.</summary>
    internal double Distance(double[] ours, Peer peer)
    {
        var theirs = peer.Ask($"check {Path()} {_words} 1")["values"]!.AsArray().Select(v => (double)v!).ToArray();
        return theirs.Length != ours.Length ? double.PositiveInfinity
            : ours.Zip(theirs, (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(b))).Max();
    }

    private static int ChannelsOf(Schema schema) => schema.Fields.Count(static f => f.Type == ColumnType.Float32);

    private double Read(int times)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++)
        {
            foreach (var window in _windows.Value)
            {
                foreach (var channel in window) { _read += TensorPrimitives.Sum<float>(channel); }
            }
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private float[][] Window(RandomStream random, double steps) =>
        [.. Enumerable.Range(0, ChannelsOf(_schema)).Select(c => Enumerable.Range(0, _rows).Select(i =>
            (float)((c == 0 ? 1 : 0) + (steps == 0 ? 0 : 0.4 * Math.Sin((2 * Math.PI * steps * (1 + (c % 2)) * i / Rate) + c))
                + (0.1 * random.NextGaussian()))).ToArray())];

    private string Path()
    {
        if (_path is null)
        {
            _path = System.IO.Path.GetTempFileName();
            using var file = File.Create(_path);
            foreach (var channel in _windows.Value.SelectMany(w => w)) { file.Write(MemoryMarshal.AsBytes(channel.AsSpan())); }
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(_path);
        }
        return _path;
    }

    private sealed class Run : IDisposable
    {
        private readonly OperatorProbe _probe;
        private readonly Batch[] _batches;

        internal Run(FeatureCase measured)
        {
            _probe = OperatorProbe.Of<Batch, Batch>(measured._block, measured._schema, guard: false);
            var times = Enumerable.Range(0, measured._rows).Select(i => i * 20_000_000L).ToArray();
            _batches = [.. measured._windows.Value.Select(
                w => StreamLearn.Testing.Batches.Of(_probe.Pool, measured._schema, [times, .. w, new int[measured._rows]]))];
        }

        internal int Times { get; set; }

        internal double Took(int times)
        {
            var start = Stopwatch.GetTimestamp();
            Work(times);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        internal Sample Measure()
        {
            var beside = Allocations.BesideHandles(_probe.Pool, () => Work(1));
            return Measurement.PerProcessorSecond(() =>
            {
                Work(Times);
                return (double)Times * Windows;
            }) with
            {
                Details = new Dictionary<string, double> { ["bytes_a_batch_beside_handles"] = (double)beside / Windows },
            };
        }

        internal double[] Values()
        {
            var values = new List<double>();
            foreach (var batch in _batches)
            {
                _probe.Send(batch.Retain());
                using var row = _probe.Take<Batch>();
                for (var c = 0; c < row.Channels.Count; c++) { values.Add(row.Channels[c].Values<float>()[0]); }
            }
            return [.. values];
        }

        public void Dispose()
        {
            foreach (var batch in _batches) { batch.Dispose(); }
            _probe.Dispose();
        }

        private void Work(int times)
        {
            for (var i = 0; i < times; i++)
            {
                foreach (var batch in _batches)
                {
                    _probe.Send(batch.Retain());
                    _probe.Clear();
                }
            }
        }
    }
}
