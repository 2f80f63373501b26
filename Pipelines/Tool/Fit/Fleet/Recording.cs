using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Programs;

namespace Tool;

/// <summary>A recording of a run as a file. It begins with a line of the run's options, and ends with one that says that it is
/// whole.</summary>
internal sealed class Recording : IDisposable
{
    /// <summary>The last line, which has no end of its own: a replay passes such a line over.</summary>
    private const string End = "end of the run";

    /// <summary>How the first line begins; then comes an array of the options and their values in JSON.</summary>
    private const string Begin = "fit ";
    private const string Recorded = "streamlearn-run ";

    private readonly PendingFile _file;
    private readonly Tolerant _writer;

    /// <exception cref="ProgramException">The file cannot be made.</exception>
    internal Recording(FileInfo file, IReadOnlyList<(string Option, string Value)> options)
    {
        _file = new(file);
        _writer = new(_file.Writer);
        string[] words = [.. options.SelectMany(static o => new[] { o.Option, o.Value })];
        _writer.WriteLine(Begin + JsonSerializer.Serialize(words, RecordingJson.Default.StringArray));
    }

    /// <summary>Where a recorder writes. A disk that is full does not stop the run, which other threads make; it shows when the recording
    /// is completed.</summary>
    internal TextWriter Writer => _writer;

    /// <summary>The run has ended in order.</summary>
    /// <exception cref="ProgramException">The recording cannot be written.</exception>
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

    /// <summary>The options of the recorded run; none: the recording does not say them.</summary>
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
            throw new ProgramException($"{file}: its first line does not say the options of a run", ExitCode.DataRefused);
        }
    }

    /// <summary>Opens a recording where its calls begin.</summary>
    internal static StreamReader Open(FileInfo file)
    {
        var reader = Files.Open(file);
        if (reader.Peek() == Begin[0]) { reader.ReadLine(); }
        return reader;
    }

    /// <summary>Finds out whether a recording is whole.</summary>
    /// <exception cref="ProgramException">It ends before its run did, so that its replay would be one of another, shorter run.</exception>
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

        if (!isRecording || text.ToString() == End) { return; }      // what is not a recording at all is refused where it is read
        var time = new TimeSpan((last - began) ?? 0);
        throw new ProgramException(
            FormattableString.Invariant($"{file}: incomplete at byte {offset:N0}, {time.TotalSeconds:0.000} s after the begin of the run: ")
                + "the recording was cut off there; record the run again", ExitCode.DataRefused);
    }

    /// <summary>The time in a line of a recording; null if it has none.</summary>
    private static long? TicksOf(string line)
    {
        var parts = line.Split(' ');
        var place = parts[0] switch { "P" => 1, "M" or "K" => 3, "A" => 4, "C" => 7, _ => int.MaxValue };
        return place < parts.Length && long.TryParse(parts[place], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? ticks : null;
    }

    /// <summary>Keeps the first failure to write for later.</summary>
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
