using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Recordings of a program's starts, each in a file of its own.</summary>
internal static class Recording
{
    /// <summary>The end of a file's name.</summary>
    internal const string Extension = ".slrec";

    /// <summary>At its size, and on a full disk, a recording ends; the runs do not. <paramref name="say"/>: receives why.</summary>
    /// <exception cref="StateFolderException">The folder cannot be written.</exception>
    internal static RunRecorder Open(RecordConfig config, RecordedStart start, Action<string> say)
    {
        var path = Path.Join(config.Folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{start.Epoch}{Extension}"));
        try
        {
            config.Folder.Create();
            var writer = new BoundedWriter(new(path, append: false) { NewLine = "\n" }, config.MaxBytes, say);
            writer.WriteLine(start.Line);
            return new(writer) { KeepsContent = config.KeepsContent };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"record.folder: {path} cannot be written: {e.Message.ReplaceLineEndings(" ")}",
                ProgramExit.StateUnusable, e);
        }
    }

    /// <summary>Writes whole lines.</summary>
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
