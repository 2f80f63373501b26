using System.Globalization;
using System.Text;
using StreamLearn.OwnData;

namespace Quickstart;

/// <summary>A recording of a run as a file: it ends with a line that says so, and one that was cut off lacks it.</summary>
internal sealed class Recording : IDisposable
{
    /// <summary>The last line, which has no end of its own: a replay passes such a line over.</summary>
    private const string End = "end of the run";

    private readonly PendingFile _file;
    private readonly Tolerant _writer;

    /// <exception cref="ProgramException">The file cannot be made.</exception>
    internal Recording(FileInfo file)
    {
        _file = new(file);
        _writer = new(_file.Writer);
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

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    /// <summary>Finds out whether a recording is whole.</summary>
    /// <exception cref="IncompleteRecordingException">It ends before its run did.</exception>
    internal static void Require(FileInfo file)
    {
        using var reader = Files.Open(file);
        var (text, offset, began, last) = (new StringBuilder(), 0L, (long?)null, (long?)null);
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            offset += c < 0x80 ? 1 : Encoding.UTF8.GetByteCount([(char)c]);
            if (c != '\n')
            {
                text.Append((char)c);
                continue;
            }

            if (TicksOf(text.ToString()) is { } ticks) { (began, last) = (began ?? ticks, Math.Max(last ?? ticks, ticks)); }
            text.Clear();
        }

        if (began is null || text.ToString() == End) { return; }      // what is not a recording at all is refused where it is read
        throw new IncompleteRecordingException(file, offset, new((last ?? 0) - began.Value));
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

/// <summary>A recording ends before its run did, so that its replay would be one of another, shorter run.</summary>
internal sealed class IncompleteRecordingException(FileInfo file, long offset, TimeSpan time) : ProgramException(
    FormattableString.Invariant($"{file}: incomplete at byte {offset:N0}, {time.TotalSeconds:0.000} s after the begin of the run: ")
        + "the recording was cut off there; record the run again", Quickstart.ExitCode.DataRefused)
{
    /// <summary>Bytes that there are.</summary>
    public long Offset => offset;

    /// <summary>Time of the last whole line, since the run began.</summary>
    public TimeSpan Time => time;
}
