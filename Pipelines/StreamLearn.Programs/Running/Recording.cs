using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal static class Recording
{
    internal const string Extension = ".slrec";

    /// <summary>A recording ends at its maximum size and on a full disk; the runs continue. <paramref name="say"/>: receives the
    /// reason.</summary>
    internal static RunRecorder Open(RecordConfig config, RecordedStart start, Action<string> say)
    {
        var path = Path.Join(config.Folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{start.Epoch}{Extension}"));
        try
        {
            config.Folder.Create();
            var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) { file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }    // it has keys
            var writer = new BoundedWriter(new(path, new UTF8Encoding(), file) { NewLine = "\n" }, config.MaxBytes, say);
            writer.WriteLine(start.Line);
            var recorder = new RunRecorder(writer) { KeepsContent = config.KeepsContent };
            writer.Flush();
            return recorder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"record.folder: {path} cannot be written: {e.Message.ReplaceLineEndings(" ")}",
                ProgramExit.StateUnusable, e);
        }
    }

    /// <summary>The start of a program and the names of the pipelines that begin in it; others resumed from checkpoints. Null: it is of
    /// another program.</summary>
    internal static (RecordedStart Start, HashSet<string> Names)? TryRead(FileInfo file, string program)
    {
        var lines = File.ReadLines(file.FullName);
        return RecordedStart.TryRead(lines.FirstOrDefault(), program) is not { } start ? null : (start, lines
            .Where(static line => line.StartsWith("P ", StringComparison.Ordinal)).Select(static line => line.Split(' ', 4)[^1])
            .ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Writes only whole lines.</summary>
    private sealed class BoundedWriter(StreamWriter file, long maxBytes, Action<string> say) : TextWriter(CultureInfo.InvariantCulture)
    {
        private long _bytes;
        private bool _hasEnded;

        public override Encoding Encoding => file.Encoding;

        public override void Write(char value) => throw new NotSupportedException("expected whole lines");

        public override void WriteLine(string? value)
        {
            if (_hasEnded || value is null) { return; }
            _bytes += Encoding.GetByteCount(value) + 1;
            if (_bytes > maxBytes) { End(FormattableString.Invariant($"its size, {maxBytes >> 20} MiB, is reached")); }
            else { Try(() => file.WriteLine(value)); }
        }

        public override void Flush() => Try(file.Flush);

        protected override void Dispose(bool disposing)
        {
            if (disposing) { Try(file.Dispose); }
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
            say($"the recording has ended, and the devices go on: {why}");
        }
    }
}
