using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn;

namespace Tool;

/// <summary>A run's recording: first line the options, last line a completeness mark.</summary>
internal sealed class Recording : IDisposable
{
    /// <summary>Last line, without line end; a replay skips it.</summary>
    private const string End = "end of the run";

    /// <summary>Prefix of the first line, before a JSON array of options and values.</summary>
    private const string Begin = "fit ";
    private const string Recorded = "streamlearn-run ";

    private readonly PendingFile _file;
    private readonly Tolerant _writer;

    internal Recording(FileInfo file, IReadOnlyList<(string Option, string Value)> options)
    {
        _file = new(file);
        _writer = new(_file.Writer);
        string[] words = [.. options.SelectMany(static o => new[] { o.Option, o.Value })];
        _writer.WriteLine(Begin + JsonSerializer.Serialize(words, RecordingJson.Default.StringArray));
    }

    /// <summary>A full disk does not stop the run; completing the recording reports it.</summary>
    internal TextWriter Writer => _writer;

    internal void Complete()
    {
        Files.Guard("the recording", () =>
        {
            if (_writer.Failure is { } failure) { throw failure; }
            _file.Writer.Write(End);
        });
        _file.Complete();
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Empty: not recorded.</summary>
    /// <exception cref="ProgramException">The recording cannot be read.</exception>
    internal static List<(string Option, string Value)> OptionsOf(FileInfo file)
    {
        using var reader = Files.Open(file);
        if (reader.ReadLine() is not { } line || !line.StartsWith(Begin, StringComparison.Ordinal)) { return []; }
        try
        {
            var words = JsonSerializer.Deserialize(line[Begin.Length..], RecordingJson.Default.StringArray) ?? [];
            return [.. words.Chunk(2).Select(static o => (o[0], o[^1]))];
        }
        catch (JsonException)
        {
            throw new ProgramException($"{file}: its first line does not have the options of a run", ExitCode.DataRefused);
        }
    }

    internal static StreamReader Open(FileInfo file)
    {
        var reader = Files.Open(file);
        if (reader.Peek() == Begin[0]) { reader.ReadLine(); }
        return reader;
    }

    /// <summary>Checks that a recording is complete.</summary>
    /// <exception cref="ProgramException">It is cut short and would replay a shorter run.</exception>
    internal static void Require(FileInfo file)
    {
        using var reader = Files.Open(file);
        var (text, offset, began, last, isRecording) = (new StringBuilder(), 0L, (long?)null, (long?)null, false);
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            offset += c < 0x80 ? 1 : Encoding.UTF8.GetByteCount([(char)c]);
            if (c != '\n')
            {
                text.Append((char)c);
                continue;
            }

            var line = text.ToString();
            isRecording |= line.StartsWith(Recorded, StringComparison.Ordinal);
            if (TicksOf(line) is { } ticks) { (began, last) = (began ?? ticks, Math.Max(last ?? ticks, ticks)); }
            text.Clear();
        }

        if (!isRecording || text.ToString() == End) { return; }      // non-recordings are refused when read
        var time = new TimeSpan((last - began) ?? 0);
        throw new ProgramException(
            FormattableString.Invariant($"{file}: incomplete at byte {offset:N0}, {time.TotalSeconds:0.000} s after the start of the run: ")
                + "the recording was cut off there; record the run again", ExitCode.DataRefused);
    }

    private static long? TicksOf(string line)
    {
        var parts = line.Split(' ');
        var place = parts[0] switch { "P" => 1, "M" or "K" => 3, "A" => 4, "C" => 7, _ => int.MaxValue };
        return place < parts.Length && long.TryParse(parts[place], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? ticks : null;
    }

    /// <summary>Defers the first write error.</summary>
    private sealed class Tolerant(TextWriter writer) : TextWriter
    {
        public override Encoding Encoding => writer.Encoding;

        internal Exception? Failure { get; private set; }

        public override void Write(char value) => Try(() => writer.Write(value));

        public override void Write(string? value) => Try(() => writer.Write(value));

        public override void WriteLine(string? value) => Try(() =>
        {
            writer.Write(value);
            writer.Write('\n');
        });

        private void Try(Action write)
        {
            if (Failure is not null) { return; }
            try
            {
                write();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Failure = e;
            }
        }
    }
}

[JsonSerializable(typeof(string[]))]
internal sealed partial class RecordingJson : JsonSerializerContext;
