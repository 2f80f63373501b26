using System.Globalization;
using System.Text;

namespace StreamLearn.Programs;

/// <summary>A recording of a program's start, in a file of its own. At its size, and on a full disk, it ends; the runs do not.</summary>
internal sealed class Recording : TextWriter
{
    /// <summary>The end of its name.</summary>
    internal const string Extension = ".slrec";

    private readonly StreamWriter _file;
    private readonly long _maxBytes;
    private readonly Action<string> _say;
    private long _bytes;
    private bool _hasEnded;

    private Recording(RecordConfig config, RecordedStart start, StreamWriter file, Action<string> say)
        : base(CultureInfo.InvariantCulture)
    {
        (_file, _maxBytes, _say) = (file, config.MaxBytes, say);
        WriteLine(start.Line);
        Recorder = new(this) { KeepsContent = config.KeepsContent };
    }

    internal RunRecorder Recorder { get; }

    public override Encoding Encoding => _file.Encoding;

    /// <exception cref="StateFolderException">The folder cannot be written.</exception>
    internal static Recording Open(RecordConfig config, RecordedStart start, Action<string> say)
    {
        var path = Path.Join(config.Folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{start.Epoch}{Extension}"));
        try
        {
            config.Folder.Create();
            return new(config, start, new(path, append: false) { NewLine = "\n" }, say);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"record.folder: {path} cannot be written: {e.Message.ReplaceLineEndings(" ")}",
                ProgramExit.StateUnusable, e);
        }
    }

    public override void Write(char value) => throw new NotSupportedException("lines are recorded whole");

    public override void WriteLine(string? value)
    {
        if (_hasEnded || value is null) { return; }
        _bytes += Encoding.GetByteCount(value) + 1;
        if (_bytes > _maxBytes) { End(FormattableString.Invariant($"its size, {_maxBytes >> 20} MiB, is reached")); }
        else { Try(() => _file.WriteLine(value)); }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { Try(_file.Dispose); }
        base.Dispose(disposing);
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            if (!_hasEnded) { End(e.Message.ReplaceLineEndings(" ")); }
        }
    }

    private void End(string why)
    {
        _hasEnded = true;
        _say($"the recording has ended, and the devices go on: {why}");
    }
}
