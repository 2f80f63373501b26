using System.Text;
using System.Text.Json;
using StreamLearn.Formats;

namespace Benchmarks;

/// <summary>A window of nine channels and 128 samples as a payload, and those who read it.</summary>
internal sealed class JsonWindow
{
    private const int Channels = 9, Samples = 128;
    private const double Seconds = 0.1;     // of a repeat
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private readonly byte[] _bytes;
    private readonly JsonFormat _format;
    private readonly bool _byRows;
    private string? _path;

    /// <summary>Makes a payload.</summary>
    /// <param name="write">Writes a number.</param>
    /// <param name="byRows">True: an array for each sample; false: one for each channel.</param>
    internal JsonWindow(Func<double, string> write, bool byRows = false)
    {
        _byRows = byRows;
        _format = new(new()
        {
            Columns = [.. Enumerable.Range(0, Channels)
                .Select(c => JsonColumn.Channel($"c{c}", byRows ? $"$.window[*][{c}]" : $"$.window[{c}][*]"))],
            Time = new("$.ts", TimeUnit.Milliseconds, SamplesPerSecond: 50),
        });
        var random = new RandomStream(1, "json-window");
        var (arrays, length) = byRows ? (Samples, Channels) : (Channels, Samples);
        var texts = Enumerable.Range(0, arrays)
            .Select(_ => Enumerable.Range(0, length).Select(_ => write(0.3 * random.NextGaussian())))
            .Select(numbers => $"[{string.Join(',', numbers)}]");
        _bytes = Encoding.UTF8.GetBytes($$"""{"device":"pump-7","ts":1772366400123,"window":[{{string.Join(',', texts)}}],"seq":42}""");
    }

    /// <summary>Ours: into a batch.</summary>
    internal Contender Ours() => Measured("streamlearn", () =>
    {
        var pool = new BatchPool();
        var sequence = new ReadOnlySequence<byte>(_bytes);
        return () =>
        {
            if (!_format.TryDecode(sequence, pool, out var batch)) { throw new BenchmarkException("the payload was refused"); }
            batch.Dispose();
        };
    });

    /// <summary>The framework's reader, into arrays of the same form.</summary>
    internal Contender Reader() => Measured("utf8jsonreader", () =>
    {
        var (arrays, length) = _byRows ? (Samples, Channels) : (Channels, Samples);
        var columns = Enumerable.Range(0, arrays).Select(_ => new float[length]).ToArray();
        return () => Read(columns);
    });

    /// <summary>The framework's serializer, into new arrays.</summary>
    internal Contender Serializer() => Measured("system.text.json", () => () => JsonSerializer.Deserialize<Message>(_bytes, Web));

    /// <summary>A process of node that does what a verb of its script says.</summary>
    internal Contender Node(string name, Peer peer, string verb) => peer.Nanoseconds(name, () => $"{verb} {Path()}", Seconds);

    private static Contender Measured(string name, Func<Action> prepare) => new(name, TrainRun.Lazily(
        () =>
        {
            var work = prepare();
            Took(work, Measurement.Times(TrainRun.WarmUpSeconds, times => Took(work, times)));
            return new Repeated(work, Measurement.Times(Seconds, times => Took(work, times)));
        },
        run => Measurement.NanosecondsPer(run.Times, () =>
        {
            for (var i = 0; i < run.Times; i++) { run.Work(); }
        })));

    private static double Took(Action work, int times)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) { work(); }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Read(float[][] columns)
    {
        var reader = new Utf8JsonReader(_bytes);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("window"u8)))
        {
            // up to the window
        }
        reader.Read();
        foreach (var column in columns)
        {
            reader.Read();
            for (var row = 0; reader.Read() && reader.TokenType == JsonTokenType.Number; row++) { column[row] = reader.GetSingle(); }
        }
        while (reader.Read())
        {
            // to the end
        }
    }

    private string Path()
    {
        if (_path is null)
        {
            _path = System.IO.Path.GetTempFileName();
            File.WriteAllBytes(_path, _bytes);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(_path);
        }
        return _path;
    }

    private sealed record Repeated(Action Work, int Times);
    private sealed record Message(string Device, long Ts, float[][] Window, int Seq);
}
