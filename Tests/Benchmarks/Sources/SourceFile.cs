using System.Text;
using StreamLearn.Formats;

namespace Benchmarks;

/// <summary>A file of 200,000 rows of six channels and a label, or an array of 2,000,000 rows without one, and those who read
/// it.</summary>
/// <param name="Name">The case.</param>
/// <param name="Kind">What peers call the form.</param>
/// <param name="Write">Writes the file.</param>
/// <param name="Source">Reads it.</param>
internal sealed record SourceFile(string Name, string Kind, Action<string> Write, Func<PipelineBuilder, string, Flow<Batch>> Source)
{
    internal const int Rows = 200_000;
    private const int Times = 10;       // so often the rows stand in an array, which is read so much faster
    private const int Channels = 6;
    private const double Seconds = 0.5;     // of a repeat
    private string? _path;

    internal static IReadOnlyList<FileColumn> Columns { get; } =
    [.. Enumerable.Range(0, Channels).Select(c => FileColumn.Channel($"c{c}")), FileColumn.Number("label", ColumnType.Int32)];

    internal static IReadOnlyList<FileColumn> WithTime { get; } =
        [FileColumn.Time("time"), .. Columns.Take(Channels), FileColumn.Label("label", "walk", "run", "sit")];

    private static IEnumerable<float[]> Values
    {
        get
        {
            var random = new RandomStream(1, "source-file");
            for (var row = 0; row < Rows; row++)
            {
                yield return [.. Enumerable.Range(0, Channels).Select(_ => (float)(0.3 * random.NextGaussian()))];
            }
        }
    }

    /// <summary>The file, written when it is first asked for, and deleted with the process's folder of temporary files.</summary>
    internal string Path
    {
        get
        {
            if (_path is not null) { return _path; }
            _path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"streamlearn-{Environment.ProcessId}-{Name}");
            Write(_path);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(_path);
            return _path;
        }
    }

    internal static void Csv(string path) => Lines(path, "c0,c1,c2,c3,c4,c5,label",
        static (row, values) => $"{Text(values, ",", static (_, v) => v)},{row / 100 % 3}");

    internal static void CsvWithTime(string path)
    {
        string[] labels = ["walk", "run", "sit"];
        Lines(path, "time,c0,c1,c2,c3,c4,c5,label", (row, values) =>
            $"{DateTime.UnixEpoch.AddMilliseconds(1.7e12 + (20.0 * row)):yyyy-MM-ddTHH:mm:ss.fff}Z,{Text(values, ",", static (_, v) => v)},"
                + labels[row / 100 % 3]);
    }

    internal static void JsonLines(string path) => Lines(path, null,
        static (row, values) => $"{{{Text(values, ",", static (c, v) => $"\"c{c}\":{v}")},\"label\":{row / 100 % 3}}}");

    internal static void Npy(string path) => Array(path, $"({Times * Rows}, {Channels})");
    internal static void Flat(string path) => Array(path, $"({Times * Rows * Channels},)");

    /// <summary>Ours: through a pipeline into an action that counts.</summary>
    internal Contender Ours()
    {
        var (rows, times) = (0L, 0);
        Pipeline? pipeline = null;
        void Read(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var run = new CancellationTokenSource();
                pipeline!.Start(new() { Pace = Pace.AsFastAsPossible }, run.Token).Completion.GetAwaiter().GetResult();
            }
        }

        return new("ours", () =>
        {
            pipeline ??= Pipeline.Define("read", p => Source(p, Path).ForEach("count", batch => rows += batch.Rows));
            if (times == 0)
            {
                times = Measurement.Times(Seconds, count =>
                {
                    var cpu = Environment.CpuUsage.TotalTime;
                    Read(count);
                    return (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
                });
            }
            return Measurement.PerProcessorSecond(() =>
            {
                rows = 0;
                Read(times);
                return rows;
            });
        });
    }

    internal Contender Beside(Peer peer)
    {
        var contender = new Lazy<Contender>(() => peer.Rate(peer.Name, $"read {Kind} {Path}", Seconds, RowsOfPeer));
        return new(peer.Name, () => contender.Value.Measure!()) { Look = peer.Missing };
    }

    /// <summary>The sum of all values of channels.</summary>
    internal double Total()
    {
        var sum = 0.0;
        var pipeline = Pipeline.Define("sum", p => Source(p, Path).ForEach("sum", batch =>
        {
            for (var c = 0; c < batch.Channels.Count; c++)
            {
                foreach (var value in batch.Channels[c].Values<float>()) { sum += value; }
            }
        }));
        pipeline.Start(new() { Pace = Pace.AsFastAsPossible }).Completion.GetAwaiter().GetResult();
        return sum;
    }

    private int RowsOfPeer => Name switch
    {
        "npy" => Times * Rows,
        "npy.flat" => Times * Rows * Channels,
        _ => Rows,
    };

    private static void Lines(string path, string? head, Func<int, float[], string> line)
    {
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        if (head is not null) { file.Write($"{head}\n"); }
        var row = 0;
        foreach (var values in Values) { file.Write($"{line(row++, values)}\n"); }
    }

    private static string Text(float[] values, string between, Func<int, string, string> one) =>
        string.Join(between, values.Select((v, c) => one(c, v.ToString("R", CultureInfo.InvariantCulture))));

    private static void Array(string path, string shape)
    {
        using var file = new BinaryWriter(File.Create(path));
        file.Write([0x93, .. "NUMPY"u8, 1, 0, 118, 0]);
        file.Write(Encoding.ASCII.GetBytes($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n"));
        for (var time = 0; time < Times; time++)
        {
            foreach (var values in Values)
            {
                foreach (var value in values) { file.Write(value); }
            }
        }
    }
}
